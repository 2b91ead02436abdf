package io.pdata.server;

import io.pdata.replication.TransferReport;

/**
 * What a stream held. In bytes.
 *
 * @param name the volume, as it is called where it comes from
 * @param size how large it appears
 * @param incremental whether only changes were sent
 * @param data how much data there was
 * @param holes how much was said to be zeroes
 * @param length how long the stream was
 */
public record StreamReport(String name, long size, boolean incremental, long data, long holes, long length) {

    public static StreamReport of(TransferReport report) {
        return new StreamReport(report.name(), report.size(), report.incremental(), report.data(), report.holes(),
                report.stream());
    }
}
