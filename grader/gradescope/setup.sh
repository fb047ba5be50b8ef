#!/usr/bin/env bash
# Gradescope runs this once, when it builds the image: everything is compiled now, so that grading wants no network.
#
# AUTOGRADER stands for /autograder where this is tried elsewhere.
set -euo pipefail
autograder=${AUTOGRADER:-/autograder}
source=$autograder/source
export RUSTUP_HOME=${RUSTUP_HOME:-/opt/rustup} CARGO_HOME=${CARGO_HOME:-/opt/cargo}
export PATH=$CARGO_HOME/bin:$PATH

missing=()
for program in cc make curl jq; do
  command -v "$program" >/dev/null || missing+=("$program")
done
if ((${#missing[@]})); then
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -yq build-essential curl ca-certificates jq
fi

rm -rf "$autograder/course" "$autograder/kafkacourse"
mkdir -p "$autograder/course"
tar -xf "$source/course.tar" -C "$autograder/course"
cd "$autograder/course"
if ! command -v cargo >/dev/null; then
  version=$(sed -n 's/^rust-version *= *"\(.*\)"/\1/p' Cargo.toml)
  curl -fsS https://sh.rustup.rs | sh -s -- -y --no-modify-path --profile minimal --default-toolchain "$version"
fi

profile=${PROFILE:-release}
cargo build --locked --package grader --bins --profile "$profile"
folder=target/$profile
[[ $profile != dev ]] || folder=target/debug
exercises=$(sed -n 's/^exercises *= *\[\(.*\)\].*/\1/p' "$source/class.toml" | tr -d '" ')
"$folder/grader" pack --out "$autograder/kafkacourse" ${exercises:+--exercises "$exercises"}

# Seeds must not be known beforehand, and be the same for everybody who hands in again.
[[ -f $autograder/class.secret ]] || "$autograder/kafkacourse/bin/grader" secret "$autograder/class.secret"
# Solutions have no business where strangers' programs run.
cd "$autograder"
rm -rf "$autograder/course"
# What cargo needed is of no use any more; somebody else's is left alone.
[[ $CARGO_HOME != /opt/cargo ]] || rm -rf /opt/cargo/registry /opt/cargo/kafkacourse
