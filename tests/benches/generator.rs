//! Makes pairs of heap profiles of any size, the same bytes every time.
//!
//! They look like a server's: two profiles of one process, nine of ten buckets dead, stacks that share
//! their roots, inlined lines, sizes of Go's classes, values unsampled as Go does it.

// Numbers are small here, and a test's modules are public to each other.
#![allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, clippy::cast_sign_loss, unreachable_pub)]

use std::collections::HashMap;
use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

/// What to make.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Buckets that are alive in the later profile, about.
    pub live: usize,
    /// Buckets whose objects are all gone.
    pub dead: usize,
    pub locations: usize,
    pub layout: Layout,
    /// Whether repeated numbers are packed, from the third on.
    pub packed: bool,
}

/// The order of the fields.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Layout {
    /// As Go's runtime: locations and functions before their first use, strings last.
    Go,
    /// As google/pprof: by field number, so samples before locations.
    Pprof,
}

impl Shape {
    /// The sizes that have names: S, a typical service; M; L, a huge monolith; XL. The later profile of each takes
    /// 61 KB, 1.4, 36 and 146 MB, and 184 KB, 5, 127 and 565 MB when inflated.
    pub fn named(name: &str) -> Option<Self> {
        let (samples, locations) = match name {
            "S" => (2_000, 1_000),
            "M" => (50_000, 12_000),
            "L" => (1_000_000, 290_000),
            "XL" => (5_000_000, 400_000),
            _ => return None,
        };
        Some(Shape::new(samples, locations))
    }

    /// So many samples in the later profile, in Go's layout.
    pub fn new(samples: usize, locations: usize) -> Self {
        Shape { live: samples / 10, dead: samples - samples / 10, locations, layout: Layout::Go, packed: true }
    }

    /// Writes profile `step` of `steps` of one process: buckets are added from step to step, and what
    /// was alive may be gone.
    pub fn write(&self, step: usize, steps: usize, out: &mut dyn Write) -> io::Result<()> {
        let program = Program::new(self.locations);
        let samples = self.live + self.dead;
        // The last profile has all buckets, the first nine tenths of them.
        let count = samples - samples / 10 * (steps - 1 - step) / (steps - 1).max(1);
        let buckets = Buckets { shape: *self, program: &program, count, step };
        match self.layout {
            Layout::Go => buckets.write_as_go(out),
            Layout::Pprof => buckets.write_as_pprof(out),
        }
    }
}

/// Compresses nearly as Go does at its fastest, in so many members: with Huffman codes of each block's own, which the
/// fastest level here does not have, and which take a fifth more time to inflate.
pub fn gzip(bytes: &[u8], members: usize) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    for part in bytes.chunks(bytes.len().div_ceil(members).max(1)) {
        let mut encoder = GzEncoder::new(&mut out, Compression::new(2));
        encoder.write_all(part)?;
        encoder.finish()?;
    }
    Ok(out)
}

/// SplitMix64: one number for one key, so that any bucket can be made by itself.
/// <https://prng.di.unimi.it/splitmix64.c>
fn random(key: u64) -> u64 {
    let mut z = key.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The code: locations in a tree of calls, each of one to three inlined lines.
struct Program {
    /// The caller of each location; the first is the root.
    caller: Vec<u32>,
    functions: usize,
}

const PERIOD: f64 = 524_288.0;
const SIZES: [i64; 24] = [
    16, 16, 24, 32, 32, 48, 48, 64, 64, 80, 96, 112, 128, 160, 208, 256, 384, 512, 1024, 2048, 4096, 8192, 32768,
    262_144,
];

impl Program {
    fn new(locations: usize) -> Self {
        let caller = (0..locations as u64).map(|at| if at == 0 { 0 } else { (random(at << 1) % at) as u32 }).collect();
        Program { caller, functions: locations / 2 + 1 }
    }

    /// Functions and lines of a location, innermost first.
    fn lines(&self, location: usize) -> impl Iterator<Item = (usize, i64)> {
        let inlined = match random(location as u64 ^ 0xabcd) % 10 {
            0 => 2,
            1..3 => 1,
            _ => 0,
        };
        let functions = self.functions as u64;
        (0..=inlined).map(move |depth| {
            let key = random((location as u64) << 3 | depth);
            // The outermost is the one that was called; what is inlined is small and everywhere.
            let function = if depth == inlined { location as u64 / 2 } else { key % functions };
            (function as usize, start_line(function as usize) + (key >> 40) as i64 % 60)
        })
    }

    /// Leaf first: a few calls of its own, then one of the ways on which all requests come in.
    fn stack(&self, bucket: u64, out: &mut Vec<usize>) {
        out.clear();
        let locations = self.caller.len() as u64;
        let mut at = (random(bucket ^ 0x5151) % locations) as usize;
        for _ in 0..3 + random(bucket ^ 0x7777) % 5 {
            out.push(at);
            at = self.caller[at] as usize;
        }
        // Few ways take most of the load.
        let way = random(bucket ^ 0x9999);
        let way = (way % 64).min((way >> 8) % 64).min((way >> 16) % 64);
        let shared = (locations / 8).max(1);
        // The larger a program, the deeper it calls.
        let depth = (2 * u64::from(locations.max(1).ilog2())).saturating_sub(4) + way % 14;
        out.extend((0..depth).map(|depth| (random(way << 8 | depth) % shared) as usize));
        out.push(0);
    }
}

fn start_line(function: usize) -> i64 {
    10 + (random(function as u64 ^ 0x1234) % 2000) as i64
}

/// Name and file.
fn function_name(function: usize) -> (String, String) {
    const TEAMS: [&str; 8] =
        ["billing", "catalog", "checkout", "identity", "inventory", "ledger", "search", "shipping"];
    const LIBRARIES: [&str; 8] =
        ["net/http", "encoding/json", "bytes", "strings", "fmt", "bufio", "internal/poll", "compress/flate"];
    let key = random(function as u64 ^ 0x4242);
    let package = if key.is_multiple_of(5) {
        LIBRARIES[(key >> 8) as usize % 8].to_owned()
    } else {
        format!(
            "github.com/acme/{}/internal/{}{}",
            TEAMS[(key >> 8) as usize % 8],
            ["store", "cache", "queue"][(key >> 16) as usize % 3],
            (key >> 20) % 40
        )
    };
    let name = match key % 7 {
        0 => format!("{package}.(*Handler{}).Serve{function}", (key >> 24) % 90),
        1 => format!("{package}.(*Map[go.shape.string,go.shape.*uint8]).Put{function}"),
        2 => format!("{package}.New{function}.func1"),
        _ => format!("{package}.(*Client).do{function}"),
    };
    (name, format!("{package}/{}{}.go", ["server", "types", "util"][(key >> 32) as usize % 3], (key >> 40) % 9))
}

/// The samples of one profile.
struct Buckets<'a> {
    shape: Shape,
    program: &'a Program,
    count: usize,
    step: usize,
}

/// A protobuf field by field.
#[derive(Default)]
struct Encoder(Vec<u8>);

impl Encoder {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn int(&mut self, field: u64, value: u64) {
        if value != 0 {
            self.varint(field << 3);
            self.varint(value);
        }
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn message(&mut self, field: u64, write: impl FnOnce(&mut Encoder)) {
        let mut inner = Encoder::default();
        write(&mut inner);
        self.bytes(field, &inner.0);
    }

    fn numbers(&mut self, field: u64, numbers: &[u64], packed: bool) {
        if packed && numbers.len() > 2 {
            self.message(field, |inner| numbers.iter().for_each(|&number| inner.varint(number)));
        } else {
            for &number in numbers {
                self.varint(field << 3);
                self.varint(number);
            }
        }
    }
}

/// The strings before the functions': columns, the period, the label, the program.
const STRINGS: [&str; 11] = [
    "",
    "space",
    "bytes",
    "alloc_objects",
    "count",
    "alloc_space",
    "inuse_objects",
    "inuse_space",
    "bytes ",
    "/srv/monolith",
    "5f3a",
];

/// Bytes that were encoded are handed on before they pile up.
const CHUNK: usize = 1 << 20;

impl Buckets<'_> {
    fn write_as_go(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut e = Encoder::default();
        period(&mut e);
        columns(&mut e);
        let (mut location_ids, mut function_ids) =
            (Ids::new(self.program.caller.len()), Ids::new(self.program.functions));
        let (mut stack, mut strings) = (Vec::new(), Strings::default());
        for bucket in 0..self.count as u64 {
            self.program.stack(bucket, &mut stack);
            for &location in &stack {
                if location_ids.add(location) {
                    for (function, _) in self.program.lines(location) {
                        function_ids.add(function);
                    }
                    // As Go: the location first, then those of its functions that are new.
                    self.location(&mut e, location, &location_ids, &function_ids);
                    function_ids
                        .new
                        .drain(..)
                        .for_each(|(function, id)| function_message(&mut e, &mut strings, function, id));
                }
            }
            location_ids.new.clear();
            let ids: Vec<u64> = stack.iter().map(|&location| location_ids.of[location].into()).collect();
            self.sample(&mut e, bucket, &ids);
            flush(&mut e, CHUNK, out)?;
        }
        e.int(9, 1_700_000_000_000_000_000 + self.step as u64 * 60_000_000_000);
        mapping(&mut e);
        put_strings(&mut e, &strings);
        flush(&mut e, 0, out)
    }

    fn write_as_pprof(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut e = Encoder::default();
        columns(&mut e);
        let (mut location_ids, mut function_ids) =
            (Ids::new(self.program.caller.len()), Ids::new(self.program.functions));
        let (mut stack, mut strings) = (Vec::new(), Strings::default());
        for bucket in 0..self.count as u64 {
            self.program.stack(bucket, &mut stack);
            let ids: Vec<u64> = stack.iter().map(|&location| location_ids.get(location).into()).collect();
            self.sample(&mut e, bucket, &ids);
            flush(&mut e, CHUNK, out)?;
        }
        mapping(&mut e);
        for &(location, _) in &location_ids.new {
            for (function, _) in self.program.lines(location) {
                function_ids.add(function);
            }
            self.location(&mut e, location, &location_ids, &function_ids);
        }
        function_ids.new.iter().for_each(|&(function, id)| function_message(&mut e, &mut strings, function, id));
        put_strings(&mut e, &strings);
        e.int(9, 1_700_000_000_000_000_000 + self.step as u64 * 60_000_000_000);
        period(&mut e);
        e.varint(14 << 3);
        e.varint(0);
        flush(&mut e, 0, out)
    }

    fn sample(&self, e: &mut Encoder, bucket: u64, ids: &[u64]) {
        let key = random(bucket ^ 0x2468);
        let size = SIZES[key as usize % SIZES.len()];
        // Allocations only add up. What lives changes from step to step in a quarter of the buckets.
        let churn = if (key >> 48).is_multiple_of(4) { self.step as u64 } else { 0 };
        // Most are sampled once or twice before all is gone.
        let freed = 1 + u64::from((key >> 8 | 1 << 20).trailing_zeros());
        let total = (self.shape.live + self.shape.dead) as u64;
        let alive = if (key >> 16) % total < self.shape.live as u64 { 1 + random(bucket << 8 | churn) % 6 } else { 0 };
        let allocated = freed + if alive > 0 { 6 * (1 + churn) } else { 0 };
        let scale = 1.0 / (1.0 - libm::exp(-(size as f64) / PERIOD));
        let scaled = |count: u64| {
            let count = count as f64 * scale;
            [count as u64, (count * size as f64) as u64]
        };
        let ([a, b], [c, d]) = (scaled(allocated), scaled(alive));
        let packed = self.shape.packed;
        e.message(2, |e| {
            e.numbers(2, &[a, b, c, d], packed);
            e.numbers(1, ids, packed);
            e.message(3, |e| {
                e.int(1, 2);
                e.int(3, size as u64);
            });
        });
    }

    fn location(&self, e: &mut Encoder, location: usize, location_ids: &Ids, function_ids: &Ids) {
        e.message(4, |e| {
            e.int(1, location_ids.of[location].into());
            e.int(2, 1);
            e.int(3, 0x40_0000 + location as u64 * 24);
            for (function, line) in self.program.lines(location) {
                e.message(4, |e| {
                    e.int(1, function_ids.of[function].into());
                    e.int(2, line as u64);
                });
            }
        });
    }
}

/// Dense ids in order of first use, from 1.
struct Ids {
    of: Vec<u32>,
    new: Vec<(usize, u32)>,
    count: u32,
}

impl Ids {
    fn new(len: usize) -> Self {
        Ids { of: vec![0; len], new: Vec::new(), count: 0 }
    }

    /// Whether it is new.
    fn add(&mut self, at: usize) -> bool {
        if self.of[at] != 0 {
            return false;
        }
        self.count += 1;
        self.of[at] = self.count;
        self.new.push((at, self.count));
        true
    }

    fn get(&mut self, at: usize) -> u32 {
        self.add(at);
        self.of[at]
    }
}

fn period(e: &mut Encoder) {
    e.message(11, |e| {
        e.int(1, 1);
        e.int(2, 2);
    });
    e.int(12, PERIOD as u64);
}

fn columns(e: &mut Encoder) {
    for (kind, unit) in [(3, 4), (5, 2), (6, 4), (7, 2)] {
        e.message(1, |e| {
            e.int(1, kind);
            e.int(2, unit);
        });
    }
}

fn mapping(e: &mut Encoder) {
    e.message(3, |e| {
        e.int(1, 1);
        e.int(2, 0x40_0000);
        e.int(3, 0x4000_0000);
        e.int(5, 9);
        e.int(6, 10);
        e.int(7, 1);
    });
}

/// The string table behind [`STRINGS`].
#[derive(Default)]
struct Strings {
    index: HashMap<String, u64>,
    table: Vec<String>,
}

impl Strings {
    fn index(&mut self, string: String) -> u64 {
        *self.index.entry(string).or_insert_with_key(|string| {
            self.table.push(string.clone());
            (STRINGS.len() + self.table.len() - 1) as u64
        })
    }
}

fn function_message(e: &mut Encoder, strings: &mut Strings, function: usize, id: u32) {
    let (name, file) = function_name(function);
    let (name, file) = (strings.index(name), strings.index(file));
    e.message(5, |e| {
        e.int(1, id.into());
        e.int(2, name);
        e.int(3, name);
        e.int(4, file);
        e.int(5, start_line(function) as u64);
    });
}

fn put_strings(e: &mut Encoder, strings: &Strings) {
    STRINGS.iter().for_each(|string| e.bytes(6, string.as_bytes()));
    strings.table.iter().for_each(|string| e.bytes(6, string.as_bytes()));
}

fn flush(e: &mut Encoder, limit: usize, out: &mut dyn Write) -> io::Result<()> {
    if e.0.len() > limit {
        out.write_all(&e.0)?;
        e.0.clear();
    }
    Ok(())
}
