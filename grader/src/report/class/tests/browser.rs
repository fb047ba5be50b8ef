//! The pages in a real browser: Chromium without a window, spoken to in its DevTools protocol over a pipe.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// How long the browser may take for one thing. A busy machine starts it in some seconds.
const LIMIT: Duration = Duration::from_secs(60);

/// A browser with one page.
pub struct Browser {
    process: Child,
    say: ChildStdin,
    hear: Receiver<Value>,
    said: u64,
    session: Option<String>,
    /// What it has told unasked.
    pub events: Vec<Value>,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts it; none where it is not installed.
    pub fn start() -> Option<Browser> {
        let path = ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|name| {
            Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
        })?;
        let profile = tempfile::tempdir().expect("a folder");
        // Its pipe is descriptors 3 and 4. Its own sandbox does not work for root, and the page is ours.
        let script = "exec \"$0\" --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
                      --disable-background-networking --remote-debugging-pipe --user-data-dir=\"$1\" about:blank \
                      3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null";
        let mut process = Command::new("sh")
            .args(["-c", script, path])
            .arg(profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh");
        let say = process.stdin.take().expect("a pipe");
        let out = process.stdout.take().expect("a pipe");
        let (send, hear) = channel();
        std::thread::spawn(move || {
            let mut out = BufReader::new(out);
            let mut message = Vec::new();
            while out.read_until(0, &mut message).is_ok_and(|length| length > 0) {
                message.pop();
                let heard = serde_json::from_slice(&message).is_ok_and(|message| send.send(message).is_ok());
                if !heard {
                    return;
                }
                message.clear();
            }
        });
        let mut browser = Browser { process, say, hear, said: 0, session: None, events: Vec::new(), _profile: profile };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", attach);
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network", "Accessibility"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        Some(browser)
    }

    /// What the browser answers.
    pub fn call(&mut self, method: &str, params: Value) -> Value {
        self.said += 1;
        let mut message = json!({ "id": self.said, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        write!(self.say, "{message}\0").expect("the browser listens");
        loop {
            let heard =
                self.hear.recv_timeout(LIMIT).unwrap_or_else(|_| panic!("no answer to {method} within {LIMIT:?}"));
            if heard["id"] == self.said {
                assert!(heard["error"].is_null(), "{method}: {}", heard["error"]);
                return heard["result"].clone();
            }
            self.events.push(heard);
        }
    }

    /// Opens the page at `path`, and waits until it is there.
    pub fn open(&mut self, path: &Path) {
        self.events.clear();
        self.call("Page.navigate", json!({ "url": format!("file://{}", path.display()) }));
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            self.events.push(self.hear.recv_timeout(LIMIT).expect("the page is loaded"));
        }
    }

    /// What `script` comes to there.
    pub fn value(&mut self, script: &str) -> Value {
        let wanted = json!({ "expression": script, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", wanted);
        assert!(answer["exceptionDetails"].is_null(), "{script}: {}", answer["exceptionDetails"]);
        answer["result"]["value"].clone()
    }

    /// A window of that width, in light or dark.
    pub fn window(&mut self, width: u32, height: u32, scheme: &str) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.call("Emulation.setDeviceMetricsOverride", size);
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    /// Presses a key.
    pub fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Enter" => (13, "\r"),
            "Tab" => (9, ""),
            " " => (32, " "),
            _ => panic!("no key {key}"),
        };
        let key = |kind| json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text });
        self.call("Input.dispatchKeyEvent", key("keyDown"));
        let mut up = key("keyUp");
        up.as_object_mut().expect("an object").remove("text");
        self.call("Input.dispatchKeyEvent", up);
    }

    /// A picture of the window, for whoever wants to look: to the folder `$SCREENSHOTS`.
    pub fn picture(&mut self, name: &str) {
        use base64::Engine;
        let Some(folder) = std::env::var_os("SCREENSHOTS") else { return };
        let picture = self.call("Page.captureScreenshot", json!({ "format": "png" }));
        let data = picture["data"].as_str().expect("a picture");
        let bytes = base64::prelude::BASE64_STANDARD.decode(data).expect("base64");
        std::fs::write(Path::new(&folder).join(format!("{name}.png")), bytes).expect("a picture");
    }

    /// What went wrong there: errors, messages of the console, and whatever was asked of a network.
    pub fn complaints(&self) -> Vec<String> {
        let complaint = |event: &Value| match event["method"].as_str()? {
            "Runtime.exceptionThrown" | "Runtime.consoleAPICalled" | "Log.entryAdded" => Some(event.to_string()),
            "Network.requestWillBeSent" => {
                let url = event["params"]["request"]["url"].as_str()?;
                (!url.starts_with("file:///") && !url.starts_with("data:")).then(|| format!("it asked for {url}"))
            }
            _ => None,
        };
        self.events.iter().filter_map(complaint).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
