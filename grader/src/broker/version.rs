//! Which Kafka is it? Asked from the broker itself, since an image may be called whatever one likes.

use std::fmt;

use kafka_protocol::messages::{ApiVersionsRequest, ApiVersionsResponse};

use super::request::{ask_at, text};

/// The newest `metadata.version` of each release, in Kafka's own numbering (`MetadataVersion.java`). The protocol tells
/// no other version: the third number of a release is not to be had from it.
const RELEASES: &[(i16, &str)] = &[
    (7, "3.3"),
    (8, "3.4"),
    (11, "3.5"),
    (14, "3.6"),
    (19, "3.7"),
    (20, "3.8"),
    (21, "3.9"),
    (25, "4.0"),
    (27, "4.1"),
    (29, "4.2"),
    (30, "4.3"),
    (33, "4.4"),
];

/// What a broker says about its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Release {
    /// "4.4".
    Known(&'static str),
    /// It came after every one that this grader knows, of which this is the last.
    After(&'static str),
    Unknown,
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(release) => write!(f, "Kafka {release}"),
            Self::After(last) => write!(f, "Kafka newer than {last}"),
            Self::Unknown => f.write_str("Kafka of unknown version"),
        }
    }
}

/// Asks the broker at `address`, for fifteen seconds at most.
pub(super) async fn ask(address: &str) -> Release {
    let request = ApiVersionsRequest::default()
        .with_client_software_name(text("kafkacourse"))
        .with_client_software_version(text(env!("CARGO_PKG_VERSION")));
    // The first version whose answer tells the cluster's features.
    let answer = ask_at(address, &request, 3).await.ok();
    answer.as_ref().and_then(metadata_version).map_or(Release::Unknown, release)
}

/// The newest `metadata.version` that the broker supports, as the number in Kafka's own numbering (30 is 4.3-IV0). `None`
/// where the broker names no such feature: before Kafka 3.3, or no Kafka.
fn metadata_version(answer: &ApiVersionsResponse) -> Option<i16> {
    let mut features = answer.supported_features.iter().filter(|_| answer.error_code == 0);
    features.find(|feature| feature.name.as_str() == "metadata.version").map(|feature| feature.max_version)
}

/// The release with this newest `metadata.version`.
fn release(level: i16) -> Release {
    match RELEASES.iter().find(|(newest, _)| level <= *newest) {
        Some(_) if level < 5 => Release::Unknown,
        Some((_, release)) => Release::Known(release),
        None => RELEASES.last().map_or(Release::Unknown, |(_, last)| Release::After(last)),
    }
}

/// The version that a broker wrote into its log as it started, where `line` says it: "4.4.0".
pub(super) fn logged(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("Kafka version: ")?;
    let version = rest.split_whitespace().next()?;
    let plain = version.len() <= 32 && version.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c));
    plain.then_some(version)
}

/// "Apache Kafka 4.4.0", of what the broker in a container said and wrote into its log. Where the two differ, the log is
/// not the broker's, and only what it said counts.
pub(super) fn container_version(release: Release, logged: Option<&str>, image: &str) -> String {
    match (release, logged) {
        (Release::Known(release), Some(exact)) if exact == release || exact.starts_with(&format!("{release}.")) => {
            format!("Apache Kafka {exact}")
        }
        (Release::Unknown, Some(exact)) => format!("Apache Kafka {exact}"),
        (Release::Unknown, None) => format!("{release} (image {image})"),
        (release, _) => format!("Apache {release}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_protocol::messages::api_versions_response::SupportedFeatureKey;

    #[test]
    fn the_metadata_version_is_found_among_the_features() {
        let feature = |name, newest| SupportedFeatureKey::default().with_name(text(name)).with_max_version(newest);
        let mut answer = ApiVersionsResponse::default();
        assert_eq!(metadata_version(&answer), None);
        answer.supported_features = vec![feature("group.version", 1), feature("metadata.version", 33)];
        assert_eq!(metadata_version(&answer), Some(33));
        answer.error_code = 35;
        assert_eq!(metadata_version(&answer), None);
    }

    #[test]
    fn a_release_is_told_by_its_newest_metadata_version() {
        let said = [7, 8, 9, 11, 19, 22, 25, 30, 31, 33].map(|level| release(level).to_string());
        let releases = ["3.3", "3.4", "3.5", "3.5", "3.7", "4.0", "4.0", "4.3", "4.4", "4.4"];
        assert_eq!(said, releases.map(|release| format!("Kafka {release}")));
        assert_eq!(release(34).to_string(), "Kafka newer than 4.4");
        assert_eq!(release(-1).to_string(), "Kafka of unknown version");
    }

    #[test]
    fn the_log_adds_the_third_number_where_it_agrees() {
        let line = "[2026-11-26 14:44:27,995] INFO Kafka version: 4.4.0 (org.apache.kafka.common.utils.AppInfoParser)";
        assert_eq!(logged(line), Some("4.4.0"));
        assert_eq!(logged("Kafka version: \u{1b}[31m (x)"), None);
        assert_eq!(logged("Kafka Server started"), None);
        let version = |release, logged| container_version(release, logged, "my/kafka");
        assert_eq!(version(Release::Known("4.4"), Some("4.4.0")), "Apache Kafka 4.4.0");
        assert_eq!(version(Release::Known("4.4"), Some("4.40.0")), "Apache Kafka 4.4");
        assert_eq!(version(Release::Known("4.4"), None), "Apache Kafka 4.4");
        assert_eq!(version(Release::After("4.4"), Some("4.5.0")), "Apache Kafka newer than 4.4");
        assert_eq!(version(Release::Unknown, Some("3.2.0")), "Apache Kafka 3.2.0");
        assert_eq!(version(Release::Unknown, None), "Kafka of unknown version (image my/kafka)");
    }
}
