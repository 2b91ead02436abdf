/**
 * The command line. What it prints where, and the exit status, are those of thin-provisioning-tools 1.3.3, so that scripts
 * and LVM can call it in their place.
 */
package io.pdata.cli;
