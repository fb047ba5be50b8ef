//! The nodes of a cluster: where they listen, and which of them are there.

/// One broker.
#[derive(Clone, Debug)]
pub struct Node {
    pub id: i32,
    pub host: String,
    pub port: u16,
    /// Is it there? One that is away has no connections and leads nothing.
    pub up: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Nodes(pub Vec<Node>);

impl Nodes {
    pub fn get(&self, id: i32) -> Option<&Node> {
        self.0.iter().find(|node| node.id == id)
    }

    pub fn get_mut(&mut self, id: i32) -> Option<&mut Node> {
        self.0.iter_mut().find(|node| node.id == id)
    }

    pub fn is_up(&self, id: i32) -> bool {
        self.get(id).is_some_and(|node| node.up)
    }

    /// Those that are there.
    pub fn up(&self) -> impl Iterator<Item = &Node> {
        self.0.iter().filter(|node| node.up)
    }

    /// The active controller, as clients see it: the first node that is there.
    pub fn controller(&self) -> i32 {
        self.up().next().map_or(-1, |node| node.id)
    }
}
