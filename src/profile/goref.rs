//! Recognises what goref writes: who holds memory, as a profile in pprof's format.
//!
//! Its stacks are chains of references: the root is a variable, `main.cache`, or a local one of a function on a
//! goroutine's stack, `main.serve.buf`; the other frames are steps, `entries. (map[string]*main.entry)`. Every object is
//! counted, once, under the first chain that goref found to it. It names itself nowhere, so it is known by its habits.

use super::builder::{ProfileBuilder, Singular, UNDEFINED};
use super::{Header, InputFormat, ValueType};

/// What a step has between the field and its type.
const BEFORE_TYPE: &[u8] = b". (";
/// The file of goref's only mapping.
const MAPPING_FILE: &[u8] = b"-";

impl ProfileBuilder {
    /// The header of a profile that goref wrote, which says that every object is counted; any other is left as it is.
    pub(super) fn with_goref(&self, header: Header) -> Header {
        if !self.is_of_goref(&header) {
            return header;
        }
        Header {
            format: InputFormat::Goref,
            period_type: ValueType { kind: "space".to_owned(), unit: "bytes".to_owned() },
            period: 1,
            program: String::new(),
            ..header
        }
    }

    fn is_of_goref(&self, header: &Header) -> bool {
        let columns = header.sample_types.iter().map(|column| (&*column.kind, &*column.unit));
        let has_its_header = header.format == InputFormat::Pprof
            && columns.eq([("inuse_objects", "count"), ("inuse_space", "bytes")])
            && self.period_type.is_none_or(|(kind, unit)| (kind.0, unit.0) == (0, 0))
            && self.singular[Singular::Period as usize].unwrap_or(0) == 0
            && header.program.as_bytes() == MAPPING_FILE;
        // Neither functions with a file, nor code with an address.
        has_its_header
            && self.functions.iter().all(|function| function.name == UNDEFINED.name || function.filename.0 == 0)
            && self.functions.iter().any(|function| {
                function.name != UNDEFINED.name
                    && memchr::memmem::find(self.strings.get(function.name), BEFORE_TYPE).is_some()
            })
            && self.locations.address.iter().all(|&address| address == 0)
    }
}
