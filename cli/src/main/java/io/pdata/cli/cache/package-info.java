/** The commands of the cache tools: options and exit status; the work is done in {@code io.pdata.tools}. */
package io.pdata.cli.cache;
