//! `grader grades`: the grades of a class into what the instructor has exported from a learning platform.

use super::super::cli::Everywhere;
use super::graded::GradedClass;
use crate::checks::count;
use crate::class::marks::ClassResults;
use crate::files;
use crate::report::class::moodle::{self, Worksheet};
use crate::report::class::{self, Column, Filled, Grade, Platform, Unusable, canvas};
use crate::report::out::{errln, outln};
use anyhow::{Context as _, anyhow, bail, ensure};
use std::fmt::Display;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder that `grader run` has graded into
    dir: PathBuf,
    /// What was exported: a gradebook of Canvas, a grading worksheet or a gradebook of Moodle. It stays as it is
    export: PathBuf,
    /// Which column takes grades, and of which exercise; without one it is the sum: "Kafka (4711)" or "Producer=ex1"
    #[arg(long, value_name = "TITLE[=EX]")]
    column: Vec<String>,
    /// Of a worksheet, the column of comments, where it is not called “Feedback comments”
    #[arg(long, value_name = "TITLE")]
    comments: Option<String>,
    /// Of a worksheet, the column of the most that a grade can be, where it is not called “Maximum Grade”
    #[arg(long, value_name = "TITLE")]
    maximum: Option<String>,
    /// The most that a gradebook of Moodle takes
    #[arg(long, value_name = "POINTS", default_value_t = moodle::GRADE_POINT_MAXIMUM)]
    most: f64,
    /// Where the filled table goes; else DIR/grades/ and the name of the export
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

pub fn grades(everywhere: &Everywhere, args: &Args) -> anyhow::Result<u8> {
    let class = GradedClass::look(everywhere, &args.dir)?;
    let results = class.results();
    let name = args.export.display();
    let wrong = |error: &dyn Display| anyhow!("{name}: {error}");
    let export = files::read(&args.export, class::LARGEST_EXPORT).map_err(|error| wrong(&error))?;
    let platform = Platform::recognise(&export).map_err(|error| wrong(&error))?;
    let columns: Vec<Column> = args.column.iter().map(|column| self::column(column, &results)).collect();
    let filled = fill(args, platform, &export, &results, &columns)?.map_err(|error| wrong(&error))?;
    ensure!(filled.matched > 0, "{name}: nobody of this class is in it; is it the export of another class?");
    let file = args.export.file_name().context("the export is no file")?;
    let to = args.to.clone().unwrap_or_else(|| args.dir.join("grades").join(file));
    ensure!(!is_same(&to, &args.export), "{} is the export itself: give the filled table another name", to.display());
    class::put(&to, |out| out.write_all(&filled.bytes))?;
    filled.complaints.iter().for_each(|complaint| errln!("  ! {complaint}"));
    let Filled { changed, overwritten, matched, .. } = filled;
    let held = if overwritten > 0 { format!(", {overwritten} of which held something else") } else { String::new() };
    outln!(
        "{name} is {}: {} of the class, {} changed{held}",
        platform.in_words(),
        count(matched, "row"),
        count(changed, "cell")
    );
    outln!("to be imported: {}", to.display());
    Ok(0)
}

fn fill(
    args: &Args,
    platform: Platform,
    export: &[u8],
    results: &ClassResults,
    columns: &[Column],
) -> anyhow::Result<Result<Filled, Unusable>> {
    Ok(match platform {
        Platform::MoodleWorksheet => {
            if columns.len() > 1 {
                bail!("a grading worksheet has one column for grades");
            }
            let wanted = Worksheet {
                grade: columns.first().map_or(Grade::Total, |column| column.grade.clone()),
                grade_column: columns.first().map(|column| column.title.as_str()),
                maximum_column: args.maximum.as_deref(),
                feedback_column: args.comments.as_deref(),
            };
            moodle::fill_worksheet(export, results, &wanted)
        }
        _ if columns.is_empty() => {
            bail!("which column takes the grades? --column \"TITLE\", or \"TITLE=ex1\" for one exercise")
        }
        Platform::Canvas => canvas::fill(export, results, columns),
        Platform::MoodleGradebook => moodle::fill_gradebook(export, results, columns, args.most),
    })
}

/// `TITLE=ex1`, where there is such an exercise; a title may hold an equals sign itself.
fn column(text: &str, results: &ClassResults) -> Column {
    let parts = text.rsplit_once('=').filter(|(_, id)| results.exercises.iter().any(|exercise| exercise.id == *id));
    match parts {
        Some((title, id)) => Column { title: title.to_owned(), grade: Grade::Exercise(id.to_owned()) },
        None => Column { title: text.to_owned(), grade: Grade::Total },
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}
