/** Manual pages, and completion for shells, made of the same definitions as {@code --help} when the program is packaged. */
package io.pdata.cli.manual;
