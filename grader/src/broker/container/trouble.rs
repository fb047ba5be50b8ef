//! What Docker's own errors mean to somebody who only wanted to run a check.

use crate::broker::BrokerError;

/// Why the engine could not be reached.
pub(super) fn connect(why: String) -> BrokerError {
    let said = why.to_lowercase();
    match said.contains("permission denied") || said.contains("os error 13") {
        true => BrokerError::NotAllowed(why),
        false => BrokerError::NoEngine(why),
    }
}

/// Why the engine did not do what it was asked for.
pub(super) fn refused(why: String) -> BrokerError {
    match why.to_lowercase().contains("no space left") {
        true => BrokerError::NoSpace(why),
        false => BrokerError::Engine(why),
    }
}

/// Why a container did not start.
pub(super) fn start(why: String) -> BrokerError {
    match why.to_lowercase().contains("no space left") {
        true => BrokerError::NoSpace(why),
        false => BrokerError::ContainerStart { why },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_trouble_is_recognised() {
        let denied = connect("error trying to connect: Permission denied (os error 13)".into());
        assert!(matches!(denied, BrokerError::NotAllowed(_)), "{denied}");
        let absent = connect("error trying to connect: No such file or directory (os error 2)".into());
        assert!(matches!(absent, BrokerError::NoEngine(_)), "{absent}");
        let full = start("Docker responded with status code 500: write /x: no space left on device".into());
        assert!(matches!(full, BrokerError::NoSpace(_)), "{full}");
        assert!(matches!(refused("mkdir: no space left on device".into()), BrokerError::NoSpace(_)));
        assert!(matches!(start("the JVM ended".into()), BrokerError::ContainerStart { .. }));
    }
}
