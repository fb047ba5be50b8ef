//! What the pages show is what the programs do.

use std::path::Path;
use std::process::Command;

#[test]
fn transcripts_say_what_the_runs_say() {
    let output = Command::new(env!("CARGO_BIN_EXE_kafkacourse"))
        .args(["author", "transcripts"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .env("NO_COLOR", "1")
        .output()
        .expect("kafkacourse can be run");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("✓"), "nothing was compared:\n{told}");
}
