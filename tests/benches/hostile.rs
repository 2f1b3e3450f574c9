//! Writes the files that cost the most memory: `cargo run --release --example hostile -- FOLDER [MIB]`.
//!
//! One for each table and each thing that samples add up to, of MIB MiB (31 by default, as much as a file below
//! a megabyte may inflate to), plain: compress them with `zstd -19`.

use std::error::Error;
use std::fs;
use std::path::Path;

type Bytes = Vec<u8>;

fn varint(mut number: u64) -> Bytes {
    let mut bytes = Bytes::new();
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
    bytes
}

fn number(field: u64, value: u64) -> Bytes {
    [varint(field << 3), varint(value)].concat()
}

fn field(field: u64, bytes: &[u8]) -> Bytes {
    [varint(field << 3 | 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

fn line(function: u64, line: u64) -> Bytes {
    field(4, &[number(1, function), number(2, line)].concat())
}

fn location(id: u64, lines: &[u8]) -> Bytes {
    field(4, &[&number(1, id), lines].concat())
}

fn function(id: u64, name: u64) -> Bytes {
    field(5, &[number(1, id), number(2, name), number(4, 7)].concat())
}

/// A sample of a stack, packed, with both values 1, and what else it has.
fn sample(stack: &[u8], rest: &[u8]) -> Bytes {
    field(2, &[&field(1, stack), &field(2, &[1, 1])[..], rest].concat())
}

/// What stands there so often as there is room, the n-th by n.
type Part = fn(u64) -> Bytes;

const PARTS: &[(&str, Part)] = &[
    ("empty-strings", |_| vec![0x32, 0]),
    ("big-strings", |_| field(6, &vec![b'a'; 3_900_000])),
    ("columns", |_| field(1, b"")),
    ("comments", |_| field(13, &vec![1; 3_900_000])),
    ("samples", |_| sample(&[1], b"")),
    ("samples-of-sizes", |n| field(2, &[field(1, &[1]), field(2, &[varint(1), varint(n)].concat())].concat())),
    ("samples-with-labels", |n| {
        sample(&[1], &[field(3, &number(1, 6 + n % 2)), field(3, &[number(1, 4), number(3, n)].concat())].concat())
    }),
    ("dead-samples", |_| field(2, &field(2, &[0, 0]))),
    ("labels", |_| sample(&[1], &[0x1a, 2, 8, 6, 0x1a, 2, 8, 7].repeat(450_000))),
    ("values", |_| field(2, &field(2, &vec![1; 3_900_000]))),
    ("deep-stacks", |_| sample(&vec![1; 3_900_000], b"")),
    ("deep-unpacked", |_| field(2, &[[8, 1].repeat(1_900_000), field(2, &[1, 1])].concat())),
    ("deep-dead", |_| field(2, &[field(1, &vec![1; 3_900_000]), field(2, &[0, 0])].concat())),
    ("locations", |n| location(n + 2, b"")),
    ("locations-every-4", |n| location(4 * n + 8, b"")),
    ("locations-every-5", |n| location(5 * n + 5000, b"")),
    ("locations-2^63", |n| location((1 << 63) + n, b"")),
    ("functions-every-4", |n| field(5, &number(1, 4 * n + 8))),
    ("functions-every-5", |n| field(5, &number(1, 5 * n + 5000))),
    ("mappings-every-4", |n| field(3, &number(1, 4 * n + 8))),
    ("tables", |n| [location(4 * n + 8, b""), field(5, &number(1, 4 * n + 8)), vec![0x32, 0]].concat()),
    ("lines", |n| location(n + 2, &line(1, 1).repeat(60))),
    ("unknown-locations", |n| sample(&varint(4 * n + 8), b"")),
    ("sites-by-line", |n| [location(n + 2, &line(1, n)), sample(&varint(n + 2), b"")].concat()),
    ("sites-by-function", |n| {
        let name = field(6, format!("{n:x}").as_bytes());
        [function(n + 2, n + 8), location(n + 2, &line(n + 2, 1)), sample(&varint(n + 2), b""), name].concat()
    }),
    ("sites-by-address", |n| {
        let at = field(4, &[number(1, n + 2), number(3, n)].concat());
        [at, sample(&varint(n + 2), b"")].concat()
    }),
];

const STRINGS: [&str; 8] = ["", "inuse_objects", "count", "inuse_space", "bytes", "space", "main.f", "main.go"];

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().ok_or("usage: hostile FOLDER [MIB]")?;
    let room = args.next().map_or(Ok(31), |mib| mib.parse::<usize>())? << 20;
    fs::create_dir_all(&folder)?;
    let column = |kind, unit| field(1, &[number(1, kind), number(2, unit)].concat());
    let strings: Bytes = STRINGS.iter().flat_map(|string| field(6, string.as_bytes())).collect();
    let period = [field(11, &[number(1, 5), number(2, 4)].concat()), number(12, 524_288)].concat();
    let known = [function(1, 6), location(1, &line(1, 1)), sample(&[1], b"")].concat();
    let head = [column(1, 2), column(3, 4), period, strings, known].concat();
    for (name, part) in PARTS {
        let mut bytes = head.clone();
        for n in 0.. {
            let part = part(n);
            if bytes.len() + part.len() > room {
                break;
            }
            bytes.extend_from_slice(&part);
        }
        fs::write(Path::new(&folder).join(name), bytes)?;
    }
    Ok(())
}
