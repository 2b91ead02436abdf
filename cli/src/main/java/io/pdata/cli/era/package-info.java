/** The commands of the era tools: options and exit status; the work is done in {@code io.pdata.tools}. */
package io.pdata.cli.era;
