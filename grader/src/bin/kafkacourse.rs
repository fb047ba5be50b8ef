//! For learners and authors: `kafkacourse next`, `check`, `read`…

fn main() -> std::process::ExitCode {
    grader::commands::kafkacourse()
}
