//! The way through the course: what is left to read and to do, in the course's order.

use crate::course::{Course, Exercise, Module, Page, Section, all_pages, short_name};
use crate::progress::Progress;

/// A course as far as somebody has come in it.
#[derive(Debug, Clone, Copy)]
pub struct Way<'a> {
    pub course: &'a Course,
    pub progress: &'a Progress,
}

/// What comes next. Who has gone ahead to a later module's exercises is not sent back to read or to be asked.
#[derive(Debug, Clone, Copy)]
pub enum Step<'a> {
    /// A module that is theory alone, for now.
    Read(&'a Module),
    Exercise(&'a Module, &'a Exercise),
    Quiz(&'a Module),
}

impl<'a> Step<'a> {
    /// The module that it is a step of.
    pub fn module(&self) -> &'a Module {
        let (Step::Read(module) | Step::Exercise(module, _) | Step::Quiz(module)) = self;
        module
    }
}

impl<'a> Way<'a> {
    /// The first thing that is left to do, if anything is.
    pub fn step(self) -> Option<Step<'a>> {
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
    pub fn unread(self, module: &'a Module) -> impl Iterator<Item = &'a Section> {
        module.sections.iter().filter(move |section| !self.progress.read(&module.section_id(section)))
    }

    /// The first page that has not been read, of the module where the learner is first.
    pub fn next_page(self) -> Option<Page<'a>> {
        let current = self.step().as_ref().map(Step::module);
        let mut modules = current.into_iter().chain(&self.course.modules);
        modules.find_map(|module| self.next_page_of(module))
    }

    /// The module's next page: its front page where nothing of it has been read, then section after section.
    fn next_page_of(self, module: &'a Module) -> Option<Page<'a>> {
        let section = self.unread(module).next()?;
        let begun = self.progress.read(&module.id) || self.unread(module).count() < module.sections.len();
        Some(if begun { Page::Section(module, section) } else { Page::Front(module) })
    }

    /// What to type after a page of this module: the next section of it that is not read, else whatever is next.
    pub fn command_after(self, module: &'a Module) -> String {
        match (self.next_page_of(module), self.next_page()) {
            (Some(unread), Some(next)) if unread.name() == next.name() => "kafkacourse read".into(),
            (Some(unread), _) => format!("kafkacourse read {}", short_name(&all_pages(self.course), &unread)),
            (None, _) => "kafkacourse next".into(),
        }
    }
}
