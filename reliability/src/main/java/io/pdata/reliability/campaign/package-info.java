/** What all campaigns need: a place for what a run that can be stopped and continued has done. */
package io.pdata.reliability.campaign;
