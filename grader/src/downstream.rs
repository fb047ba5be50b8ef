//! The outside world that a program calls: recorded, scripted, answered line by line.

use crate::evidence::What;
use crate::gate::{Gate, Peers, Ports};
use crate::limits;
use crate::recorder::{Effect, Recorder};
use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tokio_util::codec::{FramedRead, LinesCodec};

/// The outside world of one process. Dropping it closes it.
pub struct Downstream {
    port: u16,
    task: AbortHandle,
}

/// Work that a program asks for, piece by piece, at its own pace: the answers to calls of one op.
#[derive(Debug)]
pub struct Source {
    op: String,
    left: Mutex<VecDeque<Value>>,
}

impl Source {
    /// Answers calls of `op` with these values, each once.
    pub fn new(op: &str, values: impl IntoIterator<Item = Value>) -> Source {
        Source { op: op.to_owned(), left: Mutex::new(values.into_iter().collect()) }
    }

    /// The next value, where it is this source that the call asks; none when nothing is left.
    fn next(&self, op: &str) -> Option<Value> {
        let mut left = self.left.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if op == self.op { left.pop_front() } else { None }
    }
}

#[derive(Deserialize)]
struct Asked {
    op: String,
    #[serde(default)]
    args: Value,
}

impl Downstream {
    /// Opens the outside world of a process of `role` on one of `ports`, which `peers` may call. What it has to hand out
    /// comes from `source`.
    ///
    /// # Errors
    /// No port can be bound.
    pub fn open(
        recorder: Arc<Recorder>,
        role: &str,
        source: Option<Arc<Source>>,
        peers: Arc<Peers>,
        ports: &mut Ports,
    ) -> io::Result<Downstream> {
        let (listener, port) = ports.listener()?;
        let listener = TcpListener::from_std(listener)?;
        let gate = Gate::new(recorder.clone(), role, peers, limits::OPEN_CALLERS);
        let role = role.to_owned();
        let serve = move |stream| serve(stream, recorder.clone(), role.clone(), source.clone());
        let task = tokio::spawn(gate.keep(listener, serve));
        Ok(Downstream { port, task: task.abort_handle() })
    }

    /// What the process gets as `KAFKACOURSE_DOWNSTREAM`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

impl Drop for Downstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(stream: TcpStream, recorder: Arc<Recorder>, role: String, source: Option<Arc<Source>>) {
    stream.set_nodelay(true).ok();
    let (read, mut write) = stream.into_split();
    let mut lines = FramedRead::new(read, LinesCodec::new_with_max_length(limits::CALL_BYTES));
    while let Some(line) = lines.next().await {
        let answer = match line {
            Ok(line) => match serde_json::from_str::<Asked>(&line) {
                Ok(asked) => answer(&recorder, &role, source.as_deref(), asked).await,
                Err(error) => Some(json!({"ok": false, "error": format!("not a call: {error}")})),
            },
            Err(error) => Some(json!({"ok": false, "error": format!("not a line of text: {error}")})),
        };
        let Some(answer) = answer else { return };
        if write.write_all(format!("{answer}\n").as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Records the call, lets the rules act, records the answer; none when nobody is left to be answered.
async fn answer(recorder: &Recorder, role: &str, source: Option<&Source>, asked: Asked) -> Option<Value> {
    let op = asked.op.clone();
    let call = recorder.record(Some(role), What::Call { op: asked.op, args: asked.args, mark: None });
    let error = match recorder.apply(role, call.actions).await {
        Effect::Cut => return None,
        Effect::Failed(text) => Some(text),
        Effect::GoesOn | Effect::Refused(_) => None,
    };
    // Only what goes on is handed out: a call that was refused has taken nothing.
    let value = source.filter(|_| error.is_none()).and_then(|source| source.next(&op));
    if let Some(value) = &value {
        recorder.record(None, What::Given { value: value.clone() });
    }
    let (to, ok, told) = (call.position, error.is_none(), error.clone().unwrap_or_default());
    let answer = recorder.record(Some(role), What::Answer { to, op, ok, error: told, mark: None });
    if recorder.apply(role, answer.actions).await == Effect::Cut {
        return None;
    }
    Some(match error {
        None => json!({"ok": true, "value": value}),
        Some(error) => json!({"ok": false, "error": error}),
    })
}
