package io.pdata.tools.era;

/** Takes era metadata and forgets them. */
final class Nowhere implements EraSink {
    @Override
    public void beginEra(EraHeader header) {}

    @Override
    public void beginWriteset(long era, long bits) {}

    @Override
    public void marked(long block, long length) {}

    @Override
    public void endWriteset() {}

    @Override
    public void beginEraArray() {}

    @Override
    public void era(long block, long era) {}

    @Override
    public void endEra() {}
}
