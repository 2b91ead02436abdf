/**
 * What all tools share: opening metadata, findings, reports.
 *
 * <p>The tools work on the raw structures, not through the formats' own classes: they have to say what is wrong with
 * metadata that those refuse.
 */
package io.pdata.tools;
