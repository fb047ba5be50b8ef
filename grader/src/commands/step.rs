//! Where the learner is: the first thing in the course's order that is left to do.

use super::Context;
use crate::course::{Exercise, Module, Section};

/// What comes next. Who has gone ahead to a later module's exercises is not sent back to read or to be asked.
pub(super) enum Step<'a> {
    /// A module that is theory alone, for now.
    Read(&'a Module),
    Exercise(&'a Module, &'a Exercise),
    Quiz(&'a Module),
}

impl<'a> Step<'a> {
    pub(super) fn module(&self) -> &'a Module {
        let (Step::Read(module) | Step::Exercise(module, _) | Step::Quiz(module)) = self;
        module
    }
}

impl Context {
    /// The first thing that is left to do, if anything is.
    pub(super) fn step(&self) -> Option<Step<'_>> {
        let modules = &self.course.modules;
        let tried = |id: &String| self.progress.attempts(id) > 0 || self.progress.passed(id);
        let furthest = modules.iter().rposition(|module| module.exercises.iter().any(tried)).unwrap_or(0);
        modules.iter().enumerate().find_map(|(index, module)| {
            let here = index >= furthest;
            let theory_alone = module.exercises.is_empty();
            if here && theory_alone && self.unread(module).next().is_some() {
                return Some(Step::Read(module));
            }
            let mut exercises = module.exercises.iter().filter_map(|id| self.course.exercise(id));
            if let Some(exercise) = exercises.find(|exercise| !self.progress.passed(&exercise.id)) {
                return Some(Step::Exercise(module, exercise));
            }
            let quiz = here && self.course.has_quiz(module) && self.progress.quiz(&module.id).is_none();
            quiz.then_some(Step::Quiz(module))
        })
    }

    /// The sections of the module that have not been read.
    pub(super) fn unread<'a>(&'a self, module: &'a Module) -> impl Iterator<Item = &'a Section> {
        module.sections.iter().filter(|section| !self.progress.read(&module.section_id(section)))
    }
}
