//! What it says is meant for a spreadsheet, a browser and a terminal.

fn main() {
    println!("=cmd|'/C calc'!A1,</script><script>alert(1)</script>\u{1b}]0;owned\u{7}\u{202e}");
    panic!("=HYPERLINK(\"http://127.0.0.1\")</td><img src=x onerror=alert(1)>\u{1b}[2J");
}
