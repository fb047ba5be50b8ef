//! The path names questions that are there, and each section has its place on it.

use super::Texts;
use crate::course::PathStep;
use crate::files;
use crate::limits::COURSE_FILE_BYTES;

const FILE: &str = "modules/course.toml";

pub(super) fn look(texts: &mut Texts<'_>) {
    let manifest = files::read_text(&texts.course.root.join(FILE), COURSE_FILE_BYTES).unwrap_or_default();
    let mut wrong = Vec::new();
    for step in &texts.course.path {
        let PathStep::Quiz(name) = step else { continue };
        let (id, question) = PathStep::question(name);
        let Some(module) = texts.course.modules.iter().find(|module| module.id == id) else { continue };
        let quiz = texts.course.quiz(module).ok();
        let there = |id: &str| quiz.iter().flat_map(|quiz| &quiz.questions).any(|question| question.id == id);
        let missing = match question {
            Some(question) if quiz.is_some() && !there(question) => {
                format!("the quiz of {id} has no question “{question}”")
            }
            _ if !texts.course.has_quiz(module) => format!("{id} has no quiz"),
            _ => continue,
        };
        let line = manifest.lines().position(|line| line.contains(&format!("\"{name}\"")));
        wrong.push((line.unwrap_or(0) + 1, missing));
    }
    wrong.into_iter().for_each(|(line, message)| texts.complain(FILE, line, message));
}
