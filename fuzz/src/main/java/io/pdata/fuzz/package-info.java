/** Fuzz targets, what they are judged by, and the command that runs them. */
package io.pdata.fuzz;
