/** What the tools have in common on the command line: options, usage errors, help, standard output and error. */
package io.pdata.cli.tool;
