//! Terms are spelt as Kafka and this course spell them.

use super::Texts;

/// What is not written, and what is written instead. Whole words; what stands in `code` is left alone.
const SPELLINGS: [(&str, &str); 31] = [
    ("kafka", "Kafka"),
    ("Consumer Group", "consumer group"),
    ("Consumer Groups", "consumer groups"),
    ("consumergroup", "consumer group"),
    ("broker-s", "brokers"),
    ("Zookeeper", "ZooKeeper"),
    ("zookeeper", "ZooKeeper"),
    ("Kraft", "KRaft"),
    ("kraft", "KRaft"),
    ("LibRdKafka", "librdkafka"),
    ("librdKafka", "librdkafka"),
    ("RDKafka", "rdkafka"),
    ("auto commit", "auto-commit"),
    ("autocommit", "auto-commit"),
    ("Auto commit", "Auto-commit"),
    ("re-balance", "rebalance"),
    ("rebalancing protocol", "rebalance protocol"),
    ("dead-letter queue", "dead letter queue"),
    ("dead-letter queues", "dead letter queues"),
    ("Dead Letter Queue", "dead letter queue"),
    ("acknowledgment", "acknowledgement"),
    ("acknowledgments", "acknowledgements"),
    ("email", "e-mail"),
    ("emails", "e-mails"),
    ("Json", "JSON"),
    ("json", "JSON"),
    ("docker", "Docker"),
    ("rust", "Rust"),
    ("python", "Python"),
    ("timestamp-s", "timestamps"),
    ("back-pressure", "backpressure"),
];

pub(super) fn look(texts: &mut Texts<'_>) {
    let mut wrong = Vec::new();
    for page in &texts.pages {
        for (line, text) in &page.prose {
            wrong.extend(misspelt(text).into_iter().map(|message| (page.file.clone(), *line, message)));
        }
    }
    wrong.into_iter().for_each(|(file, line, message)| texts.complain(&file, line, message));
}

/// What is spelt otherwise in this course.
pub(super) fn misspelt(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for (written, instead) in SPELLINGS {
        if whole_words(text, written).next().is_some() {
            wrong.push(format!("“{written}” is spelt “{instead}”"));
        }
    }
    if text.contains('—') {
        wrong.push("no em dashes: use a comma, a colon or a full stop".into());
    }
    wrong
}

/// Where `word` stands in `text` as a word of its own: not as a part of a name such as `kafka.apache.org`.
fn whole_words<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '@');
    text.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let mut after = text[at + word.len()..].chars();
        let (next, then) = (after.next(), after.next());
        // A dot ends a sentence, or goes on with a name.
        let goes_on = next.is_some_and(part) || (next == Some('.') && then.is_some_and(char::is_alphanumeric));
        !goes_on && !text[..*at].ends_with(|c: char| part(c) || c == '.')
    })
}

#[cfg(test)]
mod tests {
    use super::misspelt;

    #[test]
    fn words_and_not_their_parts() {
        for right in
            ["Kafka", "kafka.apache.org", "kafka-python", "kafkacourse", "a consumer group", "trust", "e-mails"]
        {
            assert!(misspelt(right).is_empty(), "{right}");
        }
        for wrong in ["in kafka.", "kafka", "a Consumer Group", "the broker-s", "by email,", "yes — no"] {
            assert_eq!(misspelt(wrong).len(), 1, "{wrong}");
        }
    }
}
