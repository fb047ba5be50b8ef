//! Orders of several items, and the shop that they come from.

use crate::input::read;
use serde::{Deserialize, Serialize};

/// What the shop sells, and how many pieces of each it has at first.
pub const STOCK: [(&str, i64); 5] = [("desk", 20), ("lamp", 20), ("chair", 20), ("shelf", 20), ("rug", 20)];

/// An order of the shop with everything that the customer put into the basket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Basket {
    pub order_id: String,
    pub customer_id: String,
    /// When the customer ordered: `2026-11-21T10:15:30Z`.
    pub placed_at: String,
    pub items: Vec<Item>,
}

/// One line of an order. The same product may appear in two of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    pub product: String,
    pub quantity: i64,
    /// Of one piece.
    pub price_cents: i64,
}

/// The orders to place. By hand, without `KAFKACOURSE_INPUT`, twenty made-up ones.
///
/// # Panics
/// When the file that `KAFKACOURSE_INPUT` names cannot be read, or holds something other than such orders.
pub fn baskets() -> Vec<Basket> {
    read().unwrap_or_else(|| (0..20).map(made_up).collect())
}

fn made_up(i: usize) -> Basket {
    let item = |at: usize| Item {
        product: STOCK[at % STOCK.len()].0.to_owned(),
        quantity: 1 + at as i64 % 3,
        price_cents: 115 * (1 + at as i64 % 9),
    };
    Basket {
        order_id: format!("order-{i:03}"),
        customer_id: format!("customer-{}", i * 7 % 12),
        placed_at: format!("2026-11-21T10:{i:02}:00Z"),
        items: (0..=i % 3).map(|n| item(i + 2 * n)).collect(),
    }
}
