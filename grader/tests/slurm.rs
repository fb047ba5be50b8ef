//! A class on a real Slurm cluster of two nodes, one of which is killed: see `slurm/class`.

mod common;

use std::io::Write;
use std::path::Path;
use std::process::Command;

/// What it needs; Debian has it in `slurm-wlm` and `munge`.
const PROGRAMS: [&str; 6] = ["slurmctld", "slurmd", "sbatch", "munged", "timeout", "tar"];
/// With this variable set, a machine that cannot run it is an error.
const REQUIRED: &str = "KAFKACOURSE_TEST_SLURM";

#[test]
fn a_job_array_survives_the_death_of_a_node() {
    let lacking: Vec<&str> = PROGRAMS.into_iter().filter(|program| !common::has(program)).collect();
    let why = match (lacking.is_empty(), rustix::process::geteuid().is_root()) {
        (false, _) => format!("there is no {}", lacking.join(", ")),
        (_, false) => "it wants root".to_owned(),
        (true, true) => String::new(),
    };
    if !why.is_empty() {
        assert!(std::env::var_os(REQUIRED).is_none(), "{REQUIRED} is set, and {why}");
        // Not captured, so that everybody sees it.
        writeln!(std::io::stderr(), "\nSKIPPED: grading on a Slurm cluster was not tried, since {why}\n").ok();
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().expect("a folder");
    let scripts = root.join("tests/slurm");
    let output = Command::new("timeout")
        .args(["--kill-after=5", "240"])
        .arg(scripts.join("cluster"))
        .arg(folder.path().join("cluster"))
        .arg(scripts.join("class"))
        .arg(env!("CARGO_BIN_EXE_grader"))
        .arg(root.join(".."))
        .arg(folder.path())
        .arg("slurm")
        .env_remove("KAFKACOURSE_DIR")
        .env_remove("KAFKACOURSE_BROKER")
        .output()
        .expect("timeout starts");
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}\n{said}\n{complained}", output.status);
    println!("{said}");
}
