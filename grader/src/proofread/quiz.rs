//! Every module that can be read has its quiz, which is complete and spelt as the rest.

use super::page::parse;
use super::{Texts, words};
use crate::course::CourseError;
use crate::files;
use crate::limits::COURSE_FILE_BYTES;

pub(super) fn look(texts: &mut Texts<'_>) {
    for module in &texts.course.modules {
        let path = texts.course.quiz_path(module);
        let file = path.strip_prefix(&texts.course.root).unwrap_or(&path).to_string_lossy().into_owned();
        if !texts.course.has_quiz(module) {
            if !module.sections.is_empty() {
                texts.complain(&file, 1, format!("{} has no quiz", module.title));
            }
            continue;
        }
        let quiz = match texts.course.quiz(module) {
            Ok(quiz) => quiz,
            Err(CourseError::Toml { line, message, .. } | CourseError::Contradiction { line, message, .. }) => {
                texts.complain(&file, line, message);
                continue;
            }
            Err(error) => {
                texts.complain(&file, 1, error.to_string());
                continue;
            }
        };
        let source = files::read_text(&path, COURSE_FILE_BYTES).unwrap_or_default();
        for question in &quiz.questions {
            let line = source.lines().position(|line| line.contains(&format!("\"{}\"", question.id))).unwrap_or(0) + 1;
            let options = question.options.iter().flat_map(|option| [&option.text, &option.why]);
            for text in std::iter::once(&question.text).chain(options) {
                for (_, prose) in parse(text, 0).prose {
                    for message in words::misspelt(&prose) {
                        texts.complain(&file, line, format!("question “{}”: {message}", question.id));
                    }
                }
            }
        }
    }
}
