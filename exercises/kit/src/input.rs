//! Today's input, new in every run: a JSON Lines file that the grader names in `KAFKACOURSE_INPUT`, or orders that come when
//! they are asked for.

use crate::Downstream;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::PathBuf;
use std::vec::IntoIter;

/// One order of the shop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    pub order_id: String,
    pub customer_id: String,
    pub product: String,
    pub quantity: u32,
    pub price_cents: u32,
}

/// One payment of a customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Payment {
    pub payment_id: String,
    pub customer_id: String,
    pub amount_cents: u64,
}

/// The orders to send. By hand, without `KAFKACOURSE_INPUT`, a hundred made-up ones.
///
/// # Panics
/// When the file that `KAFKACOURSE_INPUT` names cannot be read, or holds something other than orders.
pub fn orders() -> Vec<Order> {
    read().unwrap_or_else(|| (0..100).map(made_up).collect())
}

/// The payments to send. By hand, without `KAFKACOURSE_INPUT`, fifty made-up ones.
///
/// # Panics
/// When the file that `KAFKACOURSE_INPUT` names cannot be read, or holds something other than payments.
pub fn payments() -> Vec<Payment> {
    read().unwrap_or_else(|| (0..50).map(made_up_payment).collect())
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

/// Orders as they come in. They come when they are asked for, one for each call `next` of the outside world; the iterator
/// ends when there will be no more. By hand, a hundred made-up ones.
pub fn incoming(world: &Downstream) -> Incoming {
    let by_hand = if world.is_watched() { Vec::new() } else { (0..100).map(made_up).collect() };
    Incoming { world: world.clone(), by_hand: by_hand.into_iter() }
}

/// As [`incoming`] says. To ask for an order is to take it: from then on it is yours to deliver.
pub struct Incoming {
    world: Downstream,
    by_hand: IntoIter<Order>,
}

impl Iterator for Incoming {
    type Item = Order;

    /// # Panics
    /// When the outside world is gone, or answers with something other than an order.
    fn next(&mut self) -> Option<Order> {
        if !self.world.is_watched() {
            return self.by_hand.next();
        }
        let order = self.world.call("next", &json!({})).unwrap_or_else(|refused| panic!("{refused}"));
        serde_json::from_value(order).unwrap_or_else(|error| panic!("this is no order: {error}"))
    }
}

fn made_up_payment(i: u32) -> Payment {
    Payment {
        payment_id: format!("payment-{i:03}"),
        customer_id: format!("customer-{}", i * 7 % 12),
        amount_cents: u64::from(100 * (i % 50) + 50),
    }
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
