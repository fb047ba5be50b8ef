//! Readings of a fleet of ten: what a consumer of telemetry meets, the edges of its thresholds and broken ones included.

use super::Made;
use jiff::{SignedDuration, Timestamp};
use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use serde_json::{Map, Value, json};
use std::cmp::Reverse;
use std::iter;
use std::ops::Range;

/// How many vehicles there are; every second one is electric.
const VEHICLES: usize = 10;

/// Between two readings of one vehicle.
const INTERVAL_MS: i64 = 1_000;

/// More than one interval, and less than two.
const AHEAD_MS: i64 = 1_500;

/// What the first readings of one vehicle of each kind are, so that no run lacks an edge: exactly at the threshold twice,
/// just below it, and over it from the very first reading; a battery is quite empty, and one is not measured for once. The
/// seed says which vehicles these are.
const SPEEDS: [&[f64]; 2] = [&[80.0, 120.0, 131.5, 119.9, 120.0, 60.0], &[127.5, 140.0, 95.0, 121.5, 119.6]];
const CHARGES: [&[Option<f64>]; 2] = [
    &[Some(64.0), Some(10.0), None, Some(7.5), Some(10.5), Some(10.0), Some(55.0)],
    &[Some(4.0), Some(3.5), Some(88.0), Some(0.0), Some(9.5), Some(10.4)],
];

/// What comes when the script is over.
const ANY_SPEED: [f64; 9] = [80.0, 42.5, 0.0, 119.9, 119.6, 120.0, 125.5, 151.0, 138.5];
const ANY_CHARGE: [Option<f64>; 10] =
    [Some(64.0), Some(31.5), Some(11.0), Some(10.1), Some(10.4), Some(10.0), Some(9.9), Some(4.5), Some(0.0), None];

/// `count` readings, the vehicles in a new order in each round, `late` more whose clocks have gone back, and the `part`th of
/// a scenario on its `part`th day. The late ones come in pairs, the second of them taken later than the first: whoever takes
/// the first one's time for the latest believes the second. In every other pair it was taken at the very moment of the
/// latest, which is not later either.
pub(super) fn readings(count: usize, late: u32, part: u32, random: &mut StdRng) -> Vec<Made> {
    let mut fleet: Vec<Vehicle> = (0..VEHICLES).map(|number| Vehicle::new(number, part, random)).collect();
    let mut scripted: Vec<usize> = (0..VEHICLES / 2).collect();
    scripted.shuffle(random);
    for ((pair, speeds), charges) in scripted.into_iter().zip(SPEEDS).zip(CHARGES) {
        fleet[2 * pair].speeds = speeds.to_vec();
        fleet[2 * pair + 1].charges = charges.to_vec();
    }
    let mut made = Vec::new();
    while made.len() < count {
        let mut round: Vec<usize> = (0..VEHICLES).collect();
        round.shuffle(random);
        made.extend(round.into_iter().take(count - made.len()).map(|at| fleet[at].drives(random)));
    }
    let mut places: Vec<usize> = (0..made.len()).collect();
    places.shuffle(random);
    let pairs = late.div_ceil(2) as usize;
    // Believed, each of these shows at once.
    let (at_once, others): (Vec<usize>, Vec<usize>) = places.into_iter().partition(|place| !speeds(&made[*place]));
    let mut pairs: Vec<(usize, Range<i64>)> = at_once
        .into_iter()
        .zip(iter::repeat(0..1))
        .take(pairs / 2)
        .chain(others.into_iter().zip(iter::repeat(200..500)).take(pairs - pairs / 2))
        .collect();
    pairs.sort_unstable_by_key(|(place, _)| Reverse(*place));
    let mut left = late;
    for (after, second) in pairs {
        for (place, back) in (after + 1..).zip([500..800, second]).take(left as usize) {
            let reading = clock_goes_back(&made[after], random.random_range(back));
            made.insert(place, reading);
            left -= 1;
        }
    }
    made
}

struct Vehicle {
    id: String,
    electric: bool,
    now: Timestamp,
    odometer_km: f64,
    latitude: f64,
    longitude: f64,
    /// What is still to be reported before chance decides.
    speeds: Vec<f64>,
    charges: Vec<Option<f64>>,
}

impl Vehicle {
    fn new(number: usize, part: u32, random: &mut StdRng) -> Vehicle {
        // 2026-03-02T08:00:00Z, each day a part, and each vehicle a little later than the one before.
        let began = 1_772_438_400_000 + i64::from(part) * 86_400_000 + number as i64 * 37;
        Vehicle {
            id: format!("v-{:02}", number + 1),
            electric: number % 2 == 1,
            now: Timestamp::from_millisecond(began).unwrap_or_default(),
            odometer_km: f64::from(random.random_range(10_000..900_000)) / 10.0,
            latitude: 52.5 + f64::from(random.random_range(-500..500)) / 10_000.0,
            longitude: 13.4 + f64::from(random.random_range(-500..500)) / 10_000.0,
            speeds: Vec::new(),
            charges: Vec::new(),
        }
    }

    /// Its next reading. Its speed is often over the threshold and often exactly there, and so is its battery.
    fn drives(&mut self, random: &mut StdRng) -> Made {
        let speed = next(&mut self.speeds, &ANY_SPEED, random);
        let charge = next(&mut self.charges, &ANY_CHARGE, random);
        self.now = self.now.saturating_add(SignedDuration::from_millis(INTERVAL_MS)).unwrap_or(self.now);
        self.odometer_km += speed / 3_600.0;
        self.latitude += speed / 3_600.0 / 111.0;
        let mut value = Map::new();
        value.insert("vehicle_id".into(), json!(self.id));
        value.insert("timestamp".into(), json!(format!("{:.3}", self.now)));
        value.insert("latitude".into(), rounded(self.latitude, 5));
        value.insert("longitude".into(), rounded(self.longitude, 5));
        value.insert("speed_kmh".into(), whole_or_not(speed, random));
        value.insert("odometer_km".into(), rounded(self.odometer_km, 3));
        match (self.electric, charge) {
            (true, Some(charge)) => _ = value.insert("battery_percent".into(), whole_or_not(charge, random)),
            // Some writers say that there is nothing, others say nothing.
            (true, None) if random.random_bool(0.5) => _ = value.insert("battery_percent".into(), Value::Null),
            (true, None) => {}
            (false, _) => {
                let degrees = 90.0 + f64::from(random.random_range(-50..50)) / 10.0;
                value.insert("engine_temp_c".into(), rounded(degrees, 1));
            }
        }
        Made::new(&self.id, Value::Object(value).to_string())
    }
}

/// The next one of the script, or one by chance.
fn next<T: Copy>(script: &mut Vec<T>, chances: &[T], random: &mut StdRng) -> T {
    if script.is_empty() { chances[random.random_range(0..chances.len())] } else { script.remove(0) }
}

/// Some writers turn 120.0 into 120.
fn whole_or_not(number: f64, random: &mut StdRng) -> Value {
    if number.fract() == 0.0 && random.random_bool(0.5) { json!(number as i64) } else { json!(number) }
}

fn rounded(number: f64, digits: i32) -> Value {
    let factor = 10_f64.powi(digits);
    json!((number * factor).round() / factor)
}

/// A reading that was taken before this one, or when this one was, and comes after it.
fn clock_goes_back(made: &Made, back_ms: i64) -> Made {
    let mut value = object(made);
    move_clock(&mut value, -back_ms);
    crosses_over(&mut value);
    Made::new(&made.key, Value::Object(value).to_string())
}

/// Puts each number on the other side of its limit: whoever believes it takes a vehicle that speeds for one that has slowed
/// down, and the other way round.
fn crosses_over(value: &mut Map<String, Value>) {
    for (field, threshold, [below, above]) in
        [("speed_kmh", 120.0, [61.5, 133.5]), ("battery_percent", 10.5, [5.5, 77.0])]
    {
        if let Some(number) = value.get(field).and_then(Value::as_f64) {
            value.insert(field.into(), json!(if number < threshold { above } else { below }));
        }
    }
}

fn move_clock(value: &mut Map<String, Value>, by_ms: i64) {
    let now = value.get("timestamp").and_then(Value::as_str).and_then(|text| text.parse::<Timestamp>().ok());
    let moved = now.unwrap_or_default().saturating_add(SignedDuration::from_millis(by_ms)).unwrap_or_default();
    value.insert("timestamp".into(), json!(format!("{moved:.3}")));
}

/// How many ways there are to be broken; in the last one it is a vehicle that speeds which seems to have slowed down.
const WAYS: usize = 8;

/// Which of the readings before the place `at` a broken one is to be like, that stands there: whoever believes that one
/// raises an alert for it, or another one for the reading that follows.
pub(super) fn to_be_broken(made: &[Made], at: usize, kind: usize) -> Option<&Made> {
    let mut latest: Vec<(String, &Made)> = Vec::new();
    for made in made[..at].iter().filter(|made| !made.poison) {
        let time = time(made);
        match latest.iter_mut().find(|(_, known)| known.key == made.key) {
            None => latest.push((time, made)),
            Some((before, _)) if *before >= time => {}
            Some(latest) => *latest = (time, made),
        }
    }
    let speeds_on = |latest: &Made| {
        let next = made[at..].iter().find(|next| !next.poison && next.key == latest.key && time(next) > time(latest));
        speeds(latest) && next.is_some_and(speeds)
    };
    let fits = |made: &&Made| if kind % WAYS == WAYS - 1 { speeds_on(made) } else { !speeds(made) };
    latest.sort_by(|(one, _), (other, _)| other.cmp(one));
    latest.into_iter().map(|(_, made)| made).find(fits)
}

fn time(made: &Made) -> String {
    object(made).get("timestamp").and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn speeds(made: &Made) -> bool {
    object(made).get("speed_kmh").and_then(Value::as_f64).is_some_and(|speed| speed >= 120.0)
}

/// What this reading may look like when something is wrong with it: JSON, and no reading. The `kind`th way. It seems to have
/// been taken later, and to have crossed its limits. Where nobody could say how fast the vehicle was, it is so much later
/// that whoever takes its time for the latest takes the next reading for an old one.
pub(super) fn broken(made: &Made, kind: usize) -> String {
    let mut value = object(made);
    crosses_over(&mut value);
    move_clock(&mut value, if matches!(kind % WAYS, 0 | 5) { AHEAD_MS } else { INTERVAL_MS / 2 });
    match kind % WAYS {
        0 => _ = value.insert("speed_kmh".into(), json!("fast")),
        1 => _ = value.remove("speed_kmh"),
        2 => _ = value.insert("vehicle_id".into(), Value::Null),
        3 => return json!([Value::Object(value)]).to_string(),
        4 => _ = value.insert("timestamp".into(), json!(3_772_438_400_u32)),
        5 => _ = value.insert("speed_kmh".into(), Value::Null),
        6 => {
            let number = value.get("speed_kmh").map(Value::to_string).unwrap_or_default();
            value.insert("speed_kmh".into(), json!(number));
        }
        _ => _ = value.insert("speed_kmh".into(), json!(true)),
    }
    Value::Object(value).to_string()
}

/// The versions of the schema, as marks; `bare` has nothing but what says whose, when and how fast.
const VERSIONS: [&str; 6] = ["v1", "v2", "v3", "both", "future", "bare"];

/// `count` readings, each in one of the versions, in turn. The first rounds are the edges: a vehicle that stands, one that
/// is as fast as any may be, and an empty battery, so that no run lacks one.
pub(super) fn versions(count: usize, part: u32, random: &mut StdRng) -> Vec<Made> {
    let mut readings = readings(count, 0, part, random);
    for (at, made) in readings.iter_mut().take(3 * VERSIONS.len()).enumerate() {
        let mut value = object(made);
        match at / VERSIONS.len() {
            0 => _ = value.insert("speed_kmh".into(), json!(0)),
            1 => _ = value.insert("speed_kmh".into(), json!(400)),
            _ => _ = value.insert("battery_percent".into(), json!(0)),
        }
        made.value = Value::Object(value).to_string().into_bytes();
    }
    let readings = readings.into_iter().zip(VERSIONS.iter().cycle());
    readings.map(|(made, version)| in_version(&made, version, random)).collect()
}

fn in_version(made: &Made, version: &str, random: &mut StdRng) -> Made {
    let mut value = object(made);
    let speed = value.get("speed_kmh").cloned().unwrap_or_default();
    if value.get("battery_percent").is_some_and(Value::is_null) {
        value.remove("battery_percent");
    }
    if matches!(version, "v1" | "v2") {
        value.remove("speed_kmh");
        value.insert("speed".into(), speed.clone());
    }
    match version {
        // There were no electric vehicles then.
        "v1" => {
            value.remove("battery_percent");
            value.insert("engine_temp_c".into(), rounded(91.0 + f64::from(random.random_range(-30..30)) / 10.0, 1));
        }
        // In the trucks from abroad the old name means miles.
        "both" => _ = value.insert("speed".into(), rounded(speed.as_f64().unwrap_or_default() / 1.609 + 1.0, 1)),
        "future" => {
            value.insert("schema_version".into(), json!(4));
            value.insert("tyre_bar".into(), json!([2.4, 2.4, 2.5, 2.3]));
            value.insert("driver".into(), json!({"id": "d-17", "since": null}));
        }
        "bare" => {
            ["latitude", "longitude", "odometer_km", "engine_temp_c"].iter().for_each(|name| _ = value.remove(*name))
        }
        _ => {}
    }
    Made { mark: Some(version.to_owned()), ..Made::new(&made.key, Value::Object(value).to_string()) }
}

/// A reading like this one that no version allows, in the `kind`th way.
pub(super) fn broken_version(made: &Made, kind: usize) -> String {
    let mut value = object(made);
    value.remove("speed");
    value.entry("speed_kmh").or_insert(json!(61.5));
    match kind % 11 {
        0 => _ = value.insert("speed_kmh".into(), json!("fast")),
        1 => _ = value.remove("speed_kmh"),
        2 => _ = value.insert("speed_kmh".into(), json!("72.5")),
        3 => _ = value.insert("vehicle_id".into(), json!(7)),
        4 => _ = value.remove("timestamp"),
        5 => _ = value.insert("speed_kmh".into(), json!(-3.0)),
        6 => _ = value.insert("battery_percent".into(), json!("half")),
        7 => _ = value.insert("speed_kmh".into(), json!(true)),
        8 => _ = value.insert("battery_percent".into(), json!("64")),
        9 => _ = value.insert("speed_kmh".into(), json!(400.5)),
        _ => return json!([Value::Object(value)]).to_string(),
    }
    Value::Object(value).to_string()
}

fn object(made: &Made) -> Map<String, Value> {
    serde_json::from_slice(&made.value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::input::make;
    use std::collections::HashMap;

    fn made(seed: u64) -> Vec<Made> {
        let spec = "generator = \"telemetry\"\ncount = [120, 140]\nlate = 5\nbroken = 8";
        make(&toml::from_str(spec).expect("a part of a scenario"), seed, 0)
    }

    #[test]
    fn every_run_has_the_edges_of_the_thresholds() {
        for seed in 0..30 {
            let (mut before, mut exactly, mut from_the_first) = (HashMap::new(), 0, 0);
            for made in made(seed).iter().filter(|made| !made.poison) {
                let value = Value::Object(object(made));
                let speed = value["speed_kmh"].as_f64().expect("a number");
                let last = before.insert(made.key.clone(), speed);
                exactly += usize::from(speed == 120.0 && last.is_some_and(|last| last < 120.0));
                from_the_first += usize::from(speed >= 120.0 && last.is_none());
            }
            assert!(before.len() == VEHICLES && exactly >= 2 && from_the_first >= 1, "seed {seed}");
        }
    }

    #[test]
    fn what_is_broken_would_raise_an_alert() {
        for seed in 0..30 {
            let (mut latest, mut texts) = (HashMap::new(), 0);
            let spec = "generator = \"telemetry\"\ncount = [120, 140]\nbroken = 8";
            for made in make(&toml::from_str(spec).expect("a part of a scenario"), seed, 0) {
                let value = serde_json::from_slice::<Value>(&made.value).unwrap_or_default();
                if let Some(text) = value["speed_kmh"].as_str().filter(|text| *text != "fast") {
                    assert_eq!(text, "133.5", "seed {seed}");
                    assert!(latest[&made.key] < 120.0, "seed {seed}");
                    texts += 1;
                } else if let (false, Some(speed)) = (made.poison, value["speed_kmh"].as_f64()) {
                    latest.insert(made.key, speed);
                }
            }
            assert_eq!(texts, 1, "seed {seed}");
        }
    }

    #[test]
    fn some_clocks_go_back_and_some_readings_are_broken() {
        for seed in 0..30 {
            let (mut last, mut back) = (HashMap::new(), 0);
            let made = made(seed);
            for made in made.iter().filter(|made| !made.poison) {
                let at = object(made)["timestamp"].as_str().expect("a text").to_owned();
                match last.get(&made.key) {
                    Some(before) if *before >= at => back += 1,
                    _ => _ = last.insert(made.key.clone(), at),
                }
            }
            assert_eq!((back, made.iter().filter(|made| made.poison).count()), (5, 8), "seed {seed}");
        }
    }
}
