//! For classes: evidence judged again, and what else of class grading works by now.

fn main() -> std::process::ExitCode {
    grader::commands::grader()
}
