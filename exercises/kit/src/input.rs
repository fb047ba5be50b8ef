//! Today's input: a JSON Lines file that the grader names in `KAFKACOURSE_INPUT`, new in every run.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// One order of the shop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    pub order_id: String,
    pub customer_id: String,
    pub product: String,
    pub quantity: u32,
    pub price_cents: u32,
}

/// The orders to send. By hand, without `KAFKACOURSE_INPUT`, a hundred made-up ones.
///
/// # Panics
/// When the file that `KAFKACOURSE_INPUT` names cannot be read, or holds something else than orders.
pub fn orders() -> Vec<Order> {
    read().unwrap_or_else(|| (0..100).map(made_up).collect())
}

/// Each line of the input; `None` by hand.
///
/// # Panics
/// As [`orders`].
pub(crate) fn read<T: DeserializeOwned>() -> Option<Vec<T>> {
    let path = PathBuf::from(std::env::var_os("KAFKACOURSE_INPUT")?);
    let (text, path) = (std::fs::read_to_string(&path), path.display());
    let text = text.unwrap_or_else(|error| panic!("{path}: {error}"));
    let line = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{path}: {error}: {line}"));
    Some(text.lines().map(line).collect())
}

fn made_up(i: u32) -> Order {
    Order {
        order_id: format!("order-{i:03}"),
        customer_id: format!("customer-{}", i * 7 % 12),
        product: ["lamp", "desk", "chair", "shelf"][i as usize % 4].to_owned(),
        quantity: 1 + i % 3,
        price_cents: 100 * (i % 50) + 50,
    }
}
