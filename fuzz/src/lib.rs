//! The bodies of the targets, which the property tests share.

#[path = "../../tests/it/bodies.rs"]
pub mod bodies;
