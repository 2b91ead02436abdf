package io.pdata.cli.tool;

/** The content that a tool needs in its input. */
public enum Needed {
    /** Binary metadata, of the family of tools that the tool's name begins with. */
    METADATA,
    /** Binary metadata of any kind. */
    ANY_METADATA,
    /** A dump of such metadata as XML. */
    DUMP,
    /** Packed metadata. */
    PACK
}
