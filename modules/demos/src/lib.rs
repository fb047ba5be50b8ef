//! The code of the theory's pages, compiled by rustdoc; `src/bin/` holds the programs behind their transcripts.
//!
//! What is compiled is what stands in the pages: see `build.rs`.

include!(concat!(env!("OUT_DIR"), "/pages.rs"));
