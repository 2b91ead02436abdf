/** What repairs of all formats share: keeping what reads of damaged trees and arrays. */
package io.pdata.tools.salvage;
