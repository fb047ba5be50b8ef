//! Everything that can go wrong with a broker. Each message names what happened, then what to do next.

/// Never the learner's fault: the caller reports these as a fault of the grader or of the machine.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// A scenario asks for a change that the cluster cannot make.
    #[error("the cluster cannot change as the scenario says: {0}")]
    Drill(String),
    #[error(
        "{0:?} is not a broker. Write `--broker auto`, `--broker embedded`, `--broker docker` or `--broker HOST:PORT`."
    )]
    Choice(String),

    #[error(
        "No Docker engine answered ({0}). Start Docker and check it with `docker info`, or use `--broker embedded`."
    )]
    NoEngine(String),

    #[error(
        "A Docker engine runs here, but you may not talk to it ({0}). Add yourself to its group with `sudo usermod -aG docker $USER` and log in again, or use `--broker embedded`."
    )]
    NotAllowed(String),

    #[error(
        "The image {0} is not on this machine. Fetch it with `docker pull {0}`; where no registry can be reached, build one with `.ci/kafka-image/build`; or use `--broker embedded`."
    )]
    NoImage(String),

    #[error(
        "Docker has no space left ({0}). Look with `docker system df`, free some with `docker system prune`, then run the command again, or use `--broker embedded`."
    )]
    NoSpace(String),

    #[error(
        "The container {container} {why}, and {user} is at work on it. Wait until that has ended, or remove the container all the same with `kafkacourse broker down --force`."
    )]
    InUse { container: String, why: String, user: String },

    #[error(
        "Kafka did not start in Docker: {why}. Remove what is left of it with `kafkacourse broker down`, then run the command again, or use `--broker embedded`."
    )]
    ContainerStart { why: String },

    #[error(
        "A container that is not kafkacourse's has the name {0}. Remove it with `docker rm -f {0}`, then run the command again, or use `--broker embedded`."
    )]
    NameTaken(String),

    #[error("Docker refused: {0}. Check the engine with `docker info`, then run the command again.")]
    Engine(String),

    #[error(
        "Another kafkacourse has been starting Kafka for more than {seconds} s ({file} is locked). Look with `kafkacourse broker status`, then run the command again."
    )]
    Locked { seconds: u64, file: String },

    #[error(
        "The lock file {file} cannot be used: {why}. Make its folder writable (or point XDG_RUNTIME_DIR elsewhere), then run the command again."
    )]
    LockFile { file: String, why: String },

    #[error(
        "No Kafka answered at {address}: {why}. Check the address and that the broker runs, or use `--broker embedded`."
    )]
    NoAnswer { address: String, why: String },

    #[error(
        "Kafka at {address} answers, but does not let topics be created: {why}. Use a cluster where you may create topics, or `--broker embedded`."
    )]
    NoTopics { address: String, why: String },

    #[error(
        "The topic {topic} could not be created: {why}. Check the broker with `kafkacourse broker status`, then run the command again."
    )]
    Topic { topic: String, why: String },

    #[error(
        "The input could not be put into the topic {topic}: {why}. Run the command again; if it fails again, look with `kafkacourse doctor`."
    )]
    Write { topic: String, why: String },

    #[error(
        "The topic {topic} could not be read: {why}. Run the command again; if it fails again, look with `kafkacourse doctor`."
    )]
    Read { topic: String, why: String },

    #[error(
        "Kafka did not say how {whose} stands, or did not change it: {why}. Run the command again; if it fails again, look with `kafkacourse doctor`."
    )]
    Offsets { whose: String, why: String },
}
