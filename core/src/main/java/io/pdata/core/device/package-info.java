/**
 * Bytes: a file, a block special file or memory behind one small interface, and the root of the error hierarchy.
 */
package io.pdata.core.device;
