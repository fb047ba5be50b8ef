//! Orders of several items, alone or as events that say that they were placed.

use super::{Made, customers};
use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::{Value, json};

/// What the shop sells.
const PRODUCTS: [&str; 5] = ["desk", "lamp", "chair", "shelf", "rug"];

/// Prices that no binary fraction holds: as euros in a float, and back in cents, each of them is a cent less.
const AWKWARD: [u32; 8] = [113, 114, 115, 435, 820, 1_003, 1_606, 1_983];

/// Not JSON; an event that lacks its id; one whose data is of another type; nothing at all.
pub(super) const POISON: [&str; 4] = [
    "{\"event_type\": \"order.placed\", \"event_id\": ",
    "{\"event_type\": \"order.placed\", \"timestamp\": \"2026-11-20T08:00:00Z\", \"data\": {}}",
    "{\"event_type\": \"order.placed\", \"event_id\": \"placed-none\", \"timestamp\": \"2026-11-20T08:00:00Z\", \
     \"data\": {\"order_id\": 7, \"customer_id\": null, \"items\": \"three\"}}",
    "",
];

/// As lines of a file that a program reads.
pub(super) fn given(ids: &[u32], random: &mut StdRng) -> Vec<Made> {
    baskets(ids, random).map(|(order_id, basket)| Made::new(order_id, basket.to_string())).collect()
}

/// As events.
pub(super) fn placed(ids: &[u32], random: &mut StdRng) -> Vec<Made> {
    events(baskets(ids, random))
}

/// How many orders of a rush want the same thing.
const ROUND: usize = 4;

/// As events, each of which wants one thing, and more than half of what there is: its round's.
pub(super) fn rush(ids: &[u32], random: &mut StdRng) -> Vec<Made> {
    let quantities: Vec<u32> = ids.iter().map(|_| random.random_range(11..=15)).collect();
    let wanted = quantities.into_iter().zip(PRODUCTS.iter().cycle().flat_map(|product| [product; ROUND]));
    let with = |((order_id, mut basket), (quantity, product)): ((String, Value), (u32, &&str))| {
        basket["items"] = json!([{ "product": product, "quantity": quantity, "price_cents": AWKWARD[0] }]);
        (order_id, basket)
    };
    events(baskets(ids, random).zip(wanted).map(with))
}

fn events(baskets: impl Iterator<Item = (String, Value)>) -> Vec<Made> {
    let event = |(order_id, basket): (String, Value)| {
        let event = json!({
            "event_type": "order.placed",
            "event_id": format!("placed-{order_id}"),
            "timestamp": basket["placed_at"],
            "data": basket,
        });
        Made::new(order_id, event.to_string())
    };
    baskets.map(event).collect()
}

/// An event of a type that nobody has heard of, with data of a shape of its own: the `n`th of a part of the input.
pub(super) fn stranger(part: u32, n: u32) -> Made {
    let order_id = format!("order-{}", 900_000 + part * 1_000 + n);
    let (event_type, data) = match n % 3 {
        0 => ("order.gift_wrapped", json!(["red", "with a ribbon"])),
        1 => ("order.rated", json!({"order_id": order_id, "stars": 5})),
        _ => ("order.note_added", Value::Null),
    };
    let event_id = format!("stranger-{part}-{n}");
    let event =
        json!({"event_type": event_type, "event_id": event_id, "timestamp": "2026-11-20T08:00:00Z", "data": data});
    Made::new(order_id, event.to_string())
}

/// Each with its id. A product may stand in a basket twice. The tills' clocks do not agree: a later order may have an
/// earlier time.
fn baskets(ids: &[u32], random: &mut StdRng) -> impl Iterator<Item = (String, Value)> {
    let customers = customers(random);
    ids.iter().map(move |id| {
        let order_id = format!("order-{id}");
        let items: Vec<Value> = (0..random.random_range(1..=3)).map(|_| item(random)).collect();
        let (hour, minute, second) =
            (random.random_range(8..20), random.random_range(0..60), random.random_range(0..60));
        let basket = json!({
            "order_id": order_id,
            "customer_id": customers[random.random_range(0..customers.len())],
            "placed_at": format!("2026-11-20T{hour:02}:{minute:02}:{second:02}Z"),
            "items": items,
        });
        (order_id, basket)
    })
}

fn item(random: &mut StdRng) -> Value {
    let price_cents = match random.random_range(0..2) {
        0 => AWKWARD[random.random_range(0..AWKWARD.len())],
        _ => random.random_range(100..20_000),
    };
    json!({
        "product": PRODUCTS[random.random_range(0..PRODUCTS.len())],
        "quantity": random.random_range(1..=4),
        "price_cents": price_cents,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn awkward_prices_are_a_cent_less_after_a_float() {
        for price in AWKWARD {
            let euros = f64::from(price) / 100.0;
            assert_eq!((euros * 100.0) as u32, price - 1, "{price}");
        }
    }

    #[test]
    fn one_order_of_a_round_can_have_what_it_wants() {
        let made = rush(&(0..40).collect::<Vec<u32>>(), &mut StdRng::seed_from_u64(7));
        let items: Vec<Value> = made
            .iter()
            .map(|made| serde_json::from_slice::<Value>(&made.value).unwrap()["data"]["items"].take())
            .collect();
        for round in items.chunks(ROUND) {
            assert!(round.iter().all(|items| items[0]["product"] == round[0][0]["product"]));
            assert!(round.iter().all(|items| (11..=20).contains(&items[0]["quantity"].as_u64().unwrap())));
        }
        assert_ne!(items[0][0]["product"], items[ROUND][0]["product"]);
    }

    #[test]
    fn an_event_holds_the_basket_that_a_file_would() {
        let ids: Vec<u32> = (0..50).collect();
        let made = |make: fn(&[u32], &mut StdRng) -> Vec<Made>| make(&ids, &mut StdRng::seed_from_u64(7));
        let values =
            |made: Vec<Made>| made.into_iter().map(|made| serde_json::from_slice::<Value>(&made.value).unwrap());
        let (given, placed) = (values(made(given)).collect::<Vec<_>>(), values(made(placed)).collect::<Vec<_>>());
        assert_eq!(placed.iter().map(|event| event["data"].clone()).collect::<Vec<_>>(), given);
        let twice = |basket: &Value| {
            let mut products: Vec<_> =
                basket["items"].as_array().unwrap().iter().map(|item| &item["product"]).collect();
            let all = products.len();
            products.sort_by_key(|product| product.to_string());
            products.dedup();
            products.len() < all
        };
        assert!(given.iter().any(twice) && !given.iter().all(twice));
    }
}
