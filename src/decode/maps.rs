//! The memory map after the samples of a text: which files were mapped where.
//!
//! As in google/pprof, lines are those of /proc/PID/maps, or shorter ones (`start-limit: file (@offset) build-id`);
//! `name=value` lines define the value of `$name`; only executable mappings count; any other line is ignored.

use std::collections::HashMap;

use super::error::DecodeErrorKind as Kind;
use super::tables::Tables;
use super::text::Scan;

/// The lines of the memory map so far.
pub(super) struct Maps {
    list: Vec<Map>,
    /// Values for `$name`, by the indexes in `names`.
    values: Vec<Vec<u8>>,
    names: HashMap<Vec<u8>, i64>,
    /// End of the last line's memory.
    last: u64,
    /// Whether the lines came by address, as the kernel writes them.
    ascending: bool,
    /// Memory that the lines take, bytes.
    bytes: usize,
}

struct Map {
    start: u64,
    limit: u64,
    offset: u64,
    file: Vec<u8>,
    build_id: Vec<u8>,
}

/// Memory that a line takes at least, bytes.
const MIN_LINE_BYTES: usize = 128;
/// Maximum memory of all lines, bytes: the kernel allows 65,530 mappings, with paths of about a hundred bytes.
const MAX_BYTES: usize = 24 << 20;
/// Maximum length of a path, bytes.
const MAX_PATH: usize = 64 << 10;

impl Maps {
    pub(super) fn new() -> Self {
        Maps { list: Vec::new(), values: Vec::new(), names: HashMap::new(), last: 0, ascending: true, bytes: 0 }
    }

    pub(super) fn line(&mut self, line: &[u8]) -> Result<(), Kind> {
        match parse(line) {
            Some((map, is_code)) => {
                self.ascending &= map.start >= self.last;
                self.last = map.limit;
                if is_code && map.start < map.limit {
                    let file = self.replaced(map.file);
                    self.take(file.len() + map.build_id.len() + MIN_LINE_BYTES)?;
                    self.list.push(Map { file, ..map });
                }
            }
            None => {
                if let Some(equals) = memchr::memchr(b'=', line) {
                    let (name, value) = (&line[..equals], &line[equals + 1..]);
                    self.take(line.len() + MIN_LINE_BYTES)?;
                    let index = i64::try_from(self.values.len()).unwrap_or(i64::MAX);
                    self.values.push(value.trim_ascii().to_vec());
                    self.names.insert(name.trim_ascii().to_vec(), index);
                }
            }
        }
        Ok(())
    }

    /// Counts the memory of a line.
    fn take(&mut self, bytes: usize) -> Result<(), Kind> {
        self.bytes += bytes;
        if self.bytes > MAX_BYTES { Err(Kind::MapTooLong { most: MAX_BYTES }) } else { Ok(()) }
    }

    /// `file` with each `$name` replaced by its value.
    fn replaced(&self, file: Vec<u8>) -> Vec<u8> {
        if memchr::memchr(b'$', &file).is_none() {
            return file;
        }
        let mut replaced = Vec::new();
        let mut scan = Scan(&file);
        while !scan.0.is_empty() && replaced.len() < MAX_PATH {
            replaced.extend_from_slice(scan.take_while(|&byte| byte != b'$'));
            if scan.eat(b"$") {
                let name = scan.take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
                let index = self.names.get(name).and_then(|&index| usize::try_from(index).ok());
                match index.and_then(|index| self.values.get(index)) {
                    Some(value) => replaced.extend_from_slice(value),
                    None => replaced.extend([b"$", name].concat()),
                }
            }
        }
        replaced.truncate(MAX_PATH);
        replaced
    }

    /// Adds the mappings to the profile, the program first, and assigns the locations to them. A location above all
    /// mappings reveals that lines are missing.
    pub(super) fn finish(mut self, tables: &mut Tables) -> Result<(), Kind> {
        if let Some(program) = self.list.iter().position(|map| is_program(&map.file)) {
            self.list.swap(0, program);
        }
        let mut sorted = Vec::with_capacity(self.list.len());
        for (id, map) in (1..).zip(&self.list) {
            let (file, build_id) = (tables.string(&map.file)?, tables.string(&map.build_id)?);
            tables.builder.mapping(id, map.start, map.offset, file, build_id)?;
            sorted.push((map, id));
        }
        sorted.sort_by_key(|(map, _)| map.start);
        let mut highest = 0;
        tables.builder.map_locations(|address| {
            highest = highest.max(address);
            let after = sorted.partition_point(|(map, _)| map.start <= address);
            let holds = sorted[..after].last().filter(|(map, _)| address < map.limit);
            // Some maps leave out the first part of a file that is mapped in several.
            let first_part = || sorted.get(after).filter(|(map, _)| map.start.saturating_sub(map.offset) <= address);
            holds.or_else(first_part).map(|(_, id)| *id)
        })?;
        if self.ascending && highest >= self.last && self.last > 0 {
            return Err(Kind::TextEndsEarly { missing: "the rest of the memory map" });
        }
        Ok(())
    }
}

/// Whether a mapped file may be the program: not a library, and not one of the kernel's own mappings.
fn is_program(file: &[u8]) -> bool {
    let is_library = |at: usize| {
        let rest = file[at..].strip_prefix(b".so");
        rest.is_some_and(|rest| matches!(rest, [] | [b'.' | b'_', b'0'..=b'9', ..]))
    };
    !file.is_empty() && file[0] != b'[' && !(0..file.len()).any(is_library)
}

/// Parses a line of the map; also whether it is executable. `None` for any other line.
fn parse(line: &[u8]) -> Option<(Map, bool)> {
    let mut scan = Scan(line);
    let start = address(&mut scan)?;
    let separator = scan.take_while(|byte| *byte == b'-' || byte.is_ascii_whitespace());
    let limit = address(&mut scan).filter(|_| !separator.is_empty())?;
    scan.eat(b":");
    if !scan.0.first().is_none_or(u8::is_ascii_whitespace) {
        return None;
    }
    let mut rest = scan;
    let permissions = word(&mut rest);
    if !permissions.is_empty() && permissions.iter().all(|byte| b"-rwxsp".contains(byte)) {
        scan = rest;
        if !permissions.contains(&b'x') {
            let map = Map { start, limit, offset: 0, file: Vec::new(), build_id: Vec::new() };
            return Some((map, false));
        }
    }
    let (offset, file, build_id) = full(scan).or_else(|| short(scan))?;
    let (file, build_id) = (file.to_vec(), build_id.to_vec());
    Some((Map { start, limit, offset, file, build_id }, true))
}

/// Parses the rest of a full line: offset, device, inode, file. Returns offset, file and build id.
fn full(mut scan: Scan<'_>) -> Option<(u64, &[u8], &[u8])> {
    let offset = number(word(&mut scan))?;
    let device = word(&mut scan);
    let colon = memchr::memchr(b':', device)?;
    number(&device[..colon])?;
    number(&device[colon + 1..])?;
    let inode = word(&mut scan);
    if inode.is_empty() || !inode.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let file = scan.0.trim_ascii();
    Some((offset, file.strip_suffix(b" (deleted)").unwrap_or(file), b""))
}

/// Parses the rest of a short line: file, offset, build id, each optional. Returns offset, file and build id.
fn short(mut scan: Scan<'_>) -> Option<(u64, &[u8], &[u8])> {
    let mut rest = scan;
    let mut file = word(&mut rest);
    if file.starts_with(b"(@") {
        file = b"";
    } else {
        scan = rest;
    }
    let mut offset = 0;
    let mut rest = scan;
    if let Some(hex) = word(&mut rest).strip_prefix(b"(@").and_then(|word| word.strip_suffix(b")")) {
        offset = number(hex)?;
        scan = rest;
    }
    let build_id = word(&mut scan);
    let build_id = if build_id.iter().all(u8::is_ascii_hexdigit) { build_id } else { b"" };
    Some((offset, file, build_id))
}

fn word<'l>(scan: &mut Scan<'l>) -> &'l [u8] {
    scan.skip_space();
    scan.take_while(|byte| !byte.is_ascii_whitespace())
}

fn number(word: &[u8]) -> Option<u64> {
    let mut scan = Scan(word);
    scan.hex().ok()?.filter(|_| scan.0.is_empty())
}

fn address(scan: &mut Scan<'_>) -> Option<u64> {
    scan.skip_space();
    scan.eat(b"0x");
    scan.hex().ok()?
}
