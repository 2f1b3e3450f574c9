//! The look of text for people.

use super::units::Bytes;

/// How text for people looks.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Width of the page, columns.
    pub width: usize,
    /// Whether to colour growth and shrinkage.
    pub color: bool,
    /// How bytes are written.
    pub bytes: Bytes,
    /// Whether to write p-values, intervals and samples, too.
    pub verbose: bool,
    /// Whether places are OSC 8 links.
    pub links: bool,
}
