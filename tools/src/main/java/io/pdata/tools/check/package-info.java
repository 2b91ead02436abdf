/** Pieces that the checks of all three formats are made of: reference counts, space maps, arrays. */
package io.pdata.tools.check;
