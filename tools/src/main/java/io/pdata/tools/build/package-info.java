/** Writes metadata anew, front to back, from what a tool has read or saved. */
package io.pdata.tools.build;
