"""Claims to have panicked like a Rust program, with raw text in every part. Verdict: crashed or failed; nothing raw is printed."""
import sys
from hostile import RAW
sys.stderr.write(f"thread 'main{RAW}' (1) panicked at src/{RAW}main.rs:1:2:\n{RAW}boom\n")
sys.stderr.write("thread 'main' (1) panicked at src/main.rs:99999999999999999999:2:\nhuge\n")
sys.stderr.write("thread 'main' panicked at :1:2:\n\nthread '' panicked at a:b:c:\n")
sys.exit(101)
