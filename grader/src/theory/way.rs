//! The way through the course: what is done, what was left out, and what comes next, in the order of the path.

use crate::course::{Course, Exercise, Module, Page, PathStep, Section, all_pages, short_name};
use crate::progress::Progress;

/// A course as far as somebody has come in it.
#[derive(Debug, Clone, Copy)]
pub struct Way<'a> {
    pub course: &'a Course,
    pub progress: &'a Progress,
}

/// One step of the path.
#[derive(Debug, Clone, Copy)]
pub enum Step<'a> {
    Read(&'a Module, &'a Section),
    Do(&'a Module, &'a Exercise),
    /// A question of the module's quiz, or where none is named, what is left of the quiz.
    Quiz(&'a Module, Option<&'a str>),
}

/// What has become of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Done,
    /// Left out on purpose, or passed by on the way to something further on.
    Skipped,
    Ahead,
}

/// A step with its state.
#[derive(Debug, Clone, Copy)]
pub struct Stage<'a> {
    pub step: Step<'a>,
    pub state: State,
}

/// The steps up to an exercise, and the exercise; the last leg may end without one.
#[derive(Debug, Clone)]
pub struct Leg<'a> {
    pub exercise: Option<&'a Exercise>,
    pub stages: Vec<Stage<'a>>,
}

/// What a question takes, and the rest of a quiz, in minutes.
const QUESTION_MINUTES: u32 = 1;
const QUIZ_MINUTES: u32 = 5;

impl<'a> Step<'a> {
    /// The step of this name on the path, if all that it names is there.
    fn find(course: &'a Course, step: &'a PathStep) -> Option<Step<'a>> {
        let module = |id: &str| course.modules.iter().find(|module| module.id == id);
        match step {
            PathStep::Read(id) => {
                let module = module(id.split('/').next()?)?;
                Some(Step::Read(module, module.section(id)?))
            }
            PathStep::Do(id) => {
                let module = course.modules.iter().find(|module| module.exercises.contains(id))?;
                Some(Step::Do(module, course.exercise(id)?))
            }
            PathStep::Quiz(name) => {
                let (id, question) = PathStep::question(name);
                Some(Step::Quiz(module(id)?, question))
            }
        }
    }

    /// The module that it is a step of.
    pub fn module(&self) -> &'a Module {
        let (Step::Read(module, _) | Step::Do(module, _) | Step::Quiz(module, _)) = self;
        module
    }

    /// What the step is called: by progress, and behind `kafkacourse`.
    pub fn name(&self) -> String {
        match self {
            Step::Read(module, section) => format!("read {}", module.section_id(section)),
            Step::Do(_, exercise) => format!("check {}", exercise.id),
            Step::Quiz(module, Some(question)) => format!("quiz {}/{question}", module.id),
            Step::Quiz(module, None) => format!("quiz {}", module.id),
        }
    }

    /// How long it takes.
    pub fn minutes(&self) -> u32 {
        match self {
            Step::Read(_, section) => section.minutes,
            Step::Do(_, exercise) => exercise.minutes,
            Step::Quiz(_, Some(_)) => QUESTION_MINUTES,
            Step::Quiz(_, None) => QUIZ_MINUTES,
        }
    }

    /// For people.
    pub fn title(&self) -> String {
        match self {
            Step::Read(_, section) => section.title.clone(),
            Step::Do(_, exercise) => format!("{} {}", exercise.id, exercise.title),
            Step::Quiz(module, Some(_)) => format!("Question: {}", module.title),
            Step::Quiz(module, None) => format!("Quiz: {}", module.title),
        }
    }

    fn done(&self, progress: &Progress) -> bool {
        match self {
            Step::Read(module, section) => progress.read(&module.section_id(section)),
            Step::Do(_, exercise) => progress.passed(&exercise.id),
            Step::Quiz(module, Some(question)) => progress.answered(&module.id, question),
            Step::Quiz(module, None) => progress.quiz(&module.id).is_some(),
        }
    }

    /// Is somebody at work on it, or has been?
    fn begun(&self, progress: &Progress) -> bool {
        match self {
            Step::Do(_, exercise) => progress.attempts(&exercise.id) > 0,
            Step::Read(..) | Step::Quiz(..) => self.done(progress),
        }
    }
}

impl<'a> Way<'a> {
    /// Every step of the path with its state.
    ///
    /// Whoever has worked on an exercise has passed by the pages before it, and a question by going on to what follows
    /// it, or by leaving out the page before it. An exercise is passed by only on purpose.
    pub fn stages(self) -> Vec<Stage<'a>> {
        let steps: Vec<Step<'a>> = self.course.path.iter().filter_map(|step| Step::find(self.course, step)).collect();
        let progress = self.progress;
        let tried = steps.iter().rposition(|step| matches!(step, Step::Do(..)) && step.begun(progress));
        let gone_on = |at: usize| {
            let next = steps[at..].iter().find(|step| !matches!(step, Step::Quiz(..)));
            next.is_some_and(|next| next.begun(progress))
        };
        let mut page = State::Ahead;
        let mut state = |(at, step): (usize, &Step<'a>)| {
            let state = match step {
                step if step.done(progress) => State::Done,
                step if progress.skipped(&step.name()) => State::Skipped,
                Step::Do(..) => State::Ahead,
                _ if tried.is_some_and(|tried| at < tried) => State::Skipped,
                Step::Quiz(..) if gone_on(at) => State::Skipped,
                Step::Quiz(_, Some(_)) if page == State::Skipped => State::Skipped,
                _ => State::Ahead,
            };
            if let Step::Read(..) = step {
                page = state;
            }
            state
        };
        steps.iter().enumerate().map(|stage| Stage { step: *stage.1, state: state(stage) }).collect()
    }

    /// The path in legs.
    pub fn legs(self) -> Vec<Leg<'a>> {
        let stages = self.stages();
        let legs = stages.split_inclusive(|stage| matches!(stage.step, Step::Do(..)));
        let leg = |stages: &[Stage<'a>]| {
            let exercise = stages.last().and_then(|last| match last.step {
                Step::Do(_, exercise) => Some(exercise),
                _ => None,
            });
            Leg { exercise, stages: stages.to_vec() }
        };
        legs.map(leg).collect()
    }

    /// The first step that is left to take, if any is.
    pub fn step(self) -> Option<Step<'a>> {
        self.stages().iter().find(|stage| stage.state == State::Ahead).map(|stage| stage.step)
    }

    /// What was left out, in the path's order; but for single questions, which come again in the quiz of their module.
    pub fn skipped(self) -> Vec<Step<'a>> {
        let skipped = self.stages().into_iter().filter(|stage| stage.state == State::Skipped);
        skipped.map(|stage| stage.step).filter(|step| !matches!(step, Step::Quiz(_, Some(_)))).collect()
    }

    /// The sections of the module that have not been read.
    pub fn unread(self, module: &'a Module) -> impl Iterator<Item = &'a Section> {
        module.sections.iter().filter(move |section| !self.progress.read(&module.section_id(section)))
    }

    /// The page that a plain `read` shows: the next one on the way, else the first one that was left out.
    pub fn next_page(self) -> Option<Page<'a>> {
        let stages = self.stages();
        let page = |wanted: State| {
            stages.iter().filter(|stage| stage.state == wanted).find_map(|stage| match stage.step {
                Step::Read(module, section) => Some(Page::Section(module, section)),
                _ => None,
            })
        };
        page(State::Ahead).or_else(|| page(State::Skipped))
    }

    /// The exercise that is next on the way, else the first one that was left out.
    pub fn next_exercise(self) -> Option<&'a Exercise> {
        let stages = self.stages();
        let exercise = |wanted: State| {
            stages.iter().filter(|stage| stage.state == wanted).find_map(|stage| match stage.step {
                Step::Do(_, exercise) => Some(exercise),
                _ => None,
            })
        };
        exercise(State::Ahead).or_else(|| exercise(State::Skipped))
    }

    /// What to type to take the step, which may be any.
    pub fn command(self, step: &Step<'a>) -> String {
        match step {
            Step::Read(module, section) => {
                let page = Page::Section(module, section);
                match self.next_page().is_some_and(|next| next.name() == page.name()) {
                    true => "kafkacourse read".into(),
                    false => format!("kafkacourse read {}", short_name(&all_pages(self.course), &page)),
                }
            }
            // Whoever has not seen the task has nothing to check.
            Step::Do(_, exercise) if !step.begun(self.progress) && !self.progress.read(&exercise.id) => {
                format!("kafkacourse read {}", exercise.id)
            }
            Step::Do(..) | Step::Quiz(..) => format!("kafkacourse {}", step.name()),
        }
    }

    /// What to type after a page: whatever is next on the way.
    pub fn command_onward(self) -> String {
        self.step().map_or_else(|| "kafkacourse next".into(), |step| self.command(&step))
    }
}
