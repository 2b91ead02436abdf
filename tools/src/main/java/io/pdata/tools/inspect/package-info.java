/** Metadata as a person wants to see them: single blocks, trees, and maps of what is used. */
package io.pdata.tools.inspect;
