//! What the screen shows: a function of where everything stands, and of nothing else.

use super::inks;
use super::keys::KEYS;
use crate::play::{CONSUMERS, Client, Controls, GROUP, News, PARTITIONS, PRODUCER, Scene, TOPIC, name};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph, Row, Table, Wrap};
use std::collections::VecDeque;

/// What is shown besides the scene.
pub(super) struct View<'v> {
    pub scene: &'v Scene,
    pub controls: &'v Controls,
    /// What happened last, the newest at the end.
    pub news: &'v VecDeque<News>,
    /// Which consumer `s` and `k` are about.
    pub chosen: usize,
    pub broker: &'v str,
    pub help: bool,
    pub colour: bool,
}

impl View<'_> {
    pub(super) fn draw(&self, frame: &mut Frame<'_>) {
        let rows = [
            Constraint::Length(3),
            Constraint::Length(PARTITIONS as u16 + 2),
            Constraint::Length(CONSUMERS.len() as u16 + 3),
            Constraint::Min(3),
            Constraint::Length(1),
        ];
        let [title, lanes, clients, news, keys] = Layout::vertical(rows).areas(frame.area());
        frame.render_widget(self.title(), title);
        self.lanes(frame, lanes);
        self.clients(frame, clients);
        frame.render_widget(self.told(news), news);
        let line = "g groups  ↑↓ choose  s start/stop  k kill  +- pace  b batch  l lose  p poison";
        frame.render_widget(Line::from(line).style(self.dim()), keys);
        if self.help {
            self.explain(frame);
        }
    }

    fn dim(&self) -> Style {
        if self.colour { Style::new().dim() } else { Style::new() }
    }

    fn ink(&self, role: &str) -> Style {
        if self.colour { Style::new().fg(inks::colour(role)) } else { Style::new() }
    }

    fn title(&self) -> Paragraph<'_> {
        let groups = if self.controls.own_groups { "a group for each" } else { "one group for all" };
        let rest = format!(" · {} · {groups} · {}", self.broker, self.controls.batch.told());
        let help = Line::from("? what the keys do  q quits").style(self.dim());
        Paragraph::new(vec![Line::from(vec!["kafkacourse play".bold(), rest.into()]), help])
    }

    /// One row for each partition: who has it, and the newest of its records.
    fn lanes(&self, frame: &mut Frame<'_>, area: Rect) {
        let own = self.controls.own_groups;
        let head = match own {
            true => [TOPIC, "", "records", "", "lag", "newest  1 done by one group ○new"],
            false => [TOPIC, "owner", "records", "committed", "lag", "newest  ·committed •done ○new ✗poison"],
        };
        let widths = [7, 7, 8, 10, 5].map(Constraint::Length).into_iter().chain([Constraint::Min(10)]);
        let room = usize::from(area.width.saturating_sub(7 + 7 + 8 + 10 + 5 + 5));
        let rows = (0..PARTITIONS).map(|partition| {
            let end = self.scene.ends[partition];
            let group = &self.scene.groups[GROUP];
            let owner = group.owners[partition].clone().filter(|_| !own).unwrap_or_default();
            let committed = group.committed[partition].filter(|_| !own);
            let lag = match own {
                true => self.active().map(|c| self.lag(&c.role, partition)).max().unwrap_or(0),
                false => self.lag(GROUP, partition),
            };
            Row::new([
                Line::from(format!("p{partition}")),
                Line::from(Span::styled(if own { "each".into() } else { owner.to_uppercase() }, self.ink(&owner))),
                Line::from(end.to_string()),
                Line::from(committed.map(|offset| offset.to_string()).unwrap_or_default()),
                Line::from(lag.to_string()),
                self.lane(partition, room),
            ])
        });
        let rows: Vec<Row<'_>> = rows.collect();
        frame.render_widget(Table::new(rows, widths).header(Row::new(head).style(self.dim())), area);
    }

    /// Consumers that run.
    fn active(&self) -> impl Iterator<Item = &Client> {
        self.scene.clients.iter().filter(|client| client.runs && client.role != PRODUCER)
    }

    fn lag(&self, group: &str, partition: usize) -> i64 {
        let committed = self.scene.groups[group].committed[partition].unwrap_or(0);
        (self.scene.ends[partition] - committed).max(0)
    }

    /// The newest records of the partition, the newest at the right.
    fn lane(&self, partition: usize, room: usize) -> Line<'static> {
        let end = self.scene.ends[partition];
        let signs = (end - room as i64).max(0)..end;
        Line::from(signs.map(|offset| self.sign(partition, offset)).collect::<Vec<_>>())
    }

    fn sign(&self, partition: usize, offset: i64) -> Span<'static> {
        if self.controls.own_groups {
            let done = |client: &&Client| self.scene.groups[&client.role].processed[partition] > offset;
            let count = self.active().filter(done).count();
            return if count == 0 { "○".into() } else { count.to_string().into() };
        }
        let group = &self.scene.groups[GROUP];
        let ink = group.owners[partition].as_deref().map(|owner| self.ink(owner)).unwrap_or_default();
        if self.scene.poison.contains(&(partition, offset)) {
            return Span::styled("✗", if self.colour { Style::new().fg(Color::Red) } else { Style::new() });
        }
        if group.committed[partition].is_some_and(|committed| offset < committed) {
            return Span::styled("·", ink);
        }
        Span::styled(if offset < group.processed[partition] { "•" } else { "○" }, ink)
    }

    fn clients(&self, frame: &mut Frame<'_>, area: Rect) {
        let head = Row::new(["  client", "", "partitions", "records", "came again", "last batch"]).style(self.dim());
        let rows = self.scene.clients.iter().map(|client| {
            let chosen = CONSUMERS.get(self.chosen).is_some_and(|role| *role == client.role);
            let mark = if chosen { "▸ " } else { "  " };
            let state = match (client.runs, client.killed) {
                (true, None) if client.role == PRODUCER => format!("{}/s", self.controls.rate),
                (true, None) => "runs".into(),
                (_, Some(_)) => "killed".into(),
                (false, None) => "–".into(),
            };
            let group = if self.controls.own_groups { client.role.as_str() } else { GROUP };
            let owned = self.scene.groups.get(group).map(|group| {
                let mine = |partition: &usize| group.owners[*partition].as_deref() == Some(&client.role);
                (0..PARTITIONS).filter(mine).map(|p| p.to_string()).collect::<Vec<_>>().join(" ")
            });
            let (again, batch) = match client.role == PRODUCER {
                true => (format!("{} acknowledged", client.acknowledged), String::new()),
                false => (client.again.to_string(), client.batch.to_string()),
            };
            Row::new([
                Line::from(vec![mark.into(), Span::styled(name(&client.role), self.ink(&client.role))]),
                Line::from(state),
                Line::from(owned.unwrap_or_default()),
                Line::from(client.records.to_string()),
                Line::from(again),
                Line::from(batch),
            ])
        });
        let rows: Vec<Row<'_>> = rows.collect();
        let widths = [10, 8, 11, 9, 17, 10].map(Constraint::Length);
        frame.render_widget(Table::new(rows, widths).header(head), area);
    }

    /// What happened last, the newest at the bottom: as much as there is room for.
    fn told(&self, area: Rect) -> Paragraph<'_> {
        let mut lines: VecDeque<Line<'_>> = VecDeque::new();
        for news in self.news.iter().rev() {
            let mut text = vec![Span::styled(format!("{:>6.1} s  ", news.at as f64 / 1e6), self.dim())];
            if let Some(role) = &news.role {
                text.push(Span::styled(name(role), self.ink(role)));
                text.push(" ".into());
            }
            let read = news.read.map(|read| format!("  read {read}")).unwrap_or_default();
            let whole = format!("{}{read}", news.text);
            let width = usize::from(area.width).max(20);
            let before: usize = text.iter().map(Span::width).sum();
            let wrapped = textwrap::wrap(
                &whole,
                textwrap::Options::new(width).initial_indent(&" ".repeat(before)).subsequent_indent("          "),
            )
            .into_iter()
            .map(|line| line.into_owned())
            .collect::<Vec<_>>();
            let height = wrapped.len();
            if lines.len() + height > usize::from(area.height) {
                break;
            }
            for (row, line) in wrapped.into_iter().enumerate().rev() {
                if row == 0 {
                    let mut first = text.clone();
                    first.push(line.chars().skip(before).collect::<String>().into());
                    lines.push_front(Line::from(first));
                } else {
                    lines.push_front(Line::from(line));
                }
            }
        }
        Paragraph::new(Vec::from(lines))
    }

    fn explain(&self, frame: &mut Frame<'_>) {
        let mut lines: Vec<Line<'_>> = KEYS.iter().map(|(key, what)| Line::from(format!(" {key:<5}{what}"))).collect();
        lines.push(Line::from(""));
        lines.push(Line::from(" Pages that are named here: kafkacourse read NAME. Any key goes back."));
        let area = frame.area();
        let height = (lines.len() as u16 + 2).min(area.height);
        let width = 74.min(area.width);
        let place = Rect::new((area.width - width) / 2, (area.height - height) / 2, width, height);
        frame.render_widget(Clear, place);
        frame.render_widget(
            Paragraph::new(lines).wrap(Wrap { trim: false }).block(Block::bordered().title(" keys ")),
            place,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Event, What};
    use crate::play::{Batch, PROCESS};
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use serde_json::json;
    use std::sync::Arc;

    /// A terminal of 80 columns on which this was drawn.
    fn drawn(view: &View<'_>) -> String {
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        terminal.draw(|frame| view.draw(frame)).unwrap();
        terminal.backend().to_string()
    }

    fn event(at: u64, role: &str, what: What) -> Arc<Event> {
        Arc::new(Event { at, role: Some(role.into()), what })
    }

    fn done(at: u64, role: &str, group: &str, records: &[(i32, i64, i64)]) -> Arc<Event> {
        let count: i64 = records.iter().map(|(_, first, last)| last - first + 1).sum();
        let args = json!({ "group": group, "count": count, "records": records, "poison": [[0, 4]] });
        event(at, role, What::Call { op: PROCESS.into(), args, mark: None })
    }

    #[test]
    fn a_screen_tells_what_was_processed_and_what_came_again() {
        let mut scene = Scene::default();
        let events = [
            event(10, "producer", What::Started { run: 1, pid: 7 }),
            event(20, "bravo", What::Started { run: 1, pid: 8 }),
            event(30, "zulu", What::Started { run: 1, pid: 9 }),
            done(1_000_000, "bravo", "play", &[(0, 0, 4), (1, 0, 2)]),
            event(1_400_000, "bravo", What::Killed),
            done(7_500_000, "zulu", "play", &[(0, 3, 6)]),
        ];
        let news: VecDeque<News> = scene.follow(&events).into_iter().filter(|news| !news.usual).collect();
        let controls = Controls { batch: Batch::Size(5), ..Controls::default() };
        let broker = "embedded Kafka";
        let view =
            View { scene: &scene, controls: &controls, news: &news, chosen: 1, broker, help: false, colour: false };
        insta::assert_snapshot!(drawn(&view));
        insta::assert_snapshot!(drawn(&View { help: true, ..view }));
    }
}
