package io.pdata.tools.thin;

import io.pdata.tools.MetadataFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Finds out in which order commits were made.
 *
 * <p>What is in them proves some of it ({@link CommitFacts}). The rest follows from how blocks are taken: always the next one
 * that is free, upwards, and from the beginning again after the end, or after the pool was opened. So the blocks that a commit
 * has and the one before has not lie between the index blocks of the two, and there is hardly a block in between that neither
 * uses. {@link #distance} says how far two commits are from that. The commits in the order of their index blocks form runs
 * without a gap; of the ways to put these together the shortest is taken, and the commit at its end is the newest.
 *
 * <p>Memory: two {@link CommitCounts}. Time: that of comparing the bitmaps of each commit with those of the next.
 */
final class CommitOrder {
    /** A transaction may have taken blocks and given them back. */
    private static final int SMALL = 6;
    private static final int MOST_RUNS = 10;

    private static final int IMPOSSIBLE = 400;
    private static final int CONTRADICTION = 200;
    private static final int STALE_INDEX = 50;
    private static final int BLOCKS_OUTSIDE = 60;
    private static final int MOST_FOR_HOLES = 40;
    private static final int JUMP = 4;
    private static final int MOST_FOR_JUMP = 30;
    private static final int OPENED = 2;
    private static final int UNWRITTEN_END = 12;
    private static final int TRACE = 8;
    private static final int MOST_FOR_TRACES = 40;
    /** A margin below this leaves it open which commit is the newest. */
    private static final int CERTAIN = 2;

    private final BlockSurvey survey;
    private final CommitFacts facts;
    private final CommitTraces traces;
    private final CommitCounts first;
    private final CommitCounts second;
    private final List<Commit> commits;
    private final int end;
    private Commit rival;

    /** @param commits in the order of their index blocks */
    CommitOrder(MetadataFile file, BlockSurvey survey, List<Commit> commits, CommitFacts facts) {
        this.survey = survey;
        this.facts = facts;
        this.traces = new CommitTraces(file);
        this.first = new CommitCounts(file, survey);
        this.second = new CommitCounts(file, survey);
        this.commits = commits;
        int last = survey.blocks();
        while (last > 0 && survey.type(last - 1) == BlockSurvey.NONE) {
            last--;
        }
        this.end = last;
    }

    /** The commit that could as well be the newest; null if there is none. Known once they have been put in order. */
    Commit rival() {
        return rival;
    }

    /** The commits, the newest first. */
    List<Commit> newestFirst() {
        if (commits.size() < 2) {
            return commits;
        }
        List<List<Commit>> runs = runs();
        List<Commit> ordered = new ArrayList<>();
        path(runs).forEach(ordered::addAll);
        return ordered.reversed();
    }

    /** Sequences of commits that followed each other, ascending; of a few, each by itself. */
    private List<List<Commit>> runs() {
        int n = commits.size();
        if (n <= MOST_RUNS) {
            return commits.stream().map(List::of).toList();
        }
        int[] gaps = new int[n];
        for (int i = 0; i < n; i++) {
            gaps[i] = distance(commits.get(i), commits.get((i + 1) % n), false);
        }
        int[] sorted = gaps.clone();
        Arrays.sort(sorted);
        int least = sorted[Math.max(0, n - MOST_RUNS)];
        int limit = Math.min(sorted[n - 1], Math.max(SMALL + 1, least));
        int start = 0;
        while (gaps[start] < limit) {
            start++;
        }
        List<List<Commit>> runs = new ArrayList<>();
        List<Commit> run = new ArrayList<>();
        for (int i = 1; i <= n; i++) {
            int at = (start + i) % n;
            run.add(commits.get(at));
            if (gaps[at] >= limit && runs.size() < MOST_RUNS - 1 || i == n) {
                runs.add(run);
                run = new ArrayList<>();
            }
        }
        return runs;
    }

    /** Puts the runs in the order that has the least distance from one to the next. */
    private List<List<Commit>> path(List<List<Commit>> runs) {
        int n = runs.size();
        if (n == 1) {
            return runs;
        }
        int[][] between = new int[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                between[i][j] = i == j ? 0 : distance(runs.get(i).getLast(), runs.get(j).getFirst(), true);
            }
        }
        return shortest(runs, between);
    }

    private List<List<Commit>> shortest(List<List<Commit>> runs, int[][] between) {
        int n = runs.size();
        int[][] least = new int[1 << n][n];
        int[][] previous = new int[1 << n][n];
        for (int set = 1; set < 1 << n; set++) {
            for (int last = 0; last < n; last++) {
                least[set][last] = set == 1 << last ? 0 : Integer.MAX_VALUE / 2;
                for (int before = 0; before < n && (set >> last & 1) != 0; before++) {
                    if (before != last && (set >> before & 1) != 0) {
                        int length = least[set & ~(1 << last)][before] + between[before][last];
                        if (length < least[set][last]) {
                            least[set][last] = length;
                            previous[set][last] = before;
                        }
                    }
                }
            }
        }
        int all = (1 << n) - 1;
        List<Integer> ends = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            ends.add(i);
        }
        ends.sort(Comparator.comparingInt(last -> least[all][last]));
        if (least[all][ends.get(1)] - least[all][ends.get(0)] < CERTAIN) {
            // more is written than discarded
            ends.subList(0, 2).sort(Comparator.comparingLong(last -> -facts.mappings(runs.get(last).getLast())));
            rival = runs.get(ends.get(1)).getLast();
        }
        List<List<Commit>> ordered = new ArrayList<>();
        int set = all;
        for (int last = ends.getFirst(); set != 0;) {
            ordered.addFirst(runs.get(last));
            int before = previous[set][last];
            set &= ~(1 << last);
            last = before;
        }
        return ordered;
    }

    /**
     * How unlikely it is that one commit was made right after another; 0 if everything fits.
     *
     * @param jumps whether the pool may have been opened in between, or its metadata have grown
     */
    int distance(Commit earlier, Commit later, boolean jumps) {
        if (!first.load(earlier.index()) || !second.load(later.index())) {
            return IMPOSSIBLE; // a device that fails now and then
        }
        int[] added = second.addedTo(first);
        int upwards = arc(earlier.index() + 1, later.index(), added, jumps);
        int distance = jumps ? Math.min(upwards, OPENED + arc(0, later.index(), added, true)) : upwards;
        if (jumps) {
            distance += Math.clamp(-TRACE * traces.earlier(earlier, later), 0, MOST_FOR_TRACES);
        }
        return distance + (facts.contradict(earlier, later) ? CONTRADICTION : 0);
    }

    /** How unlikely it is that blocks were taken one after the other from {@code from} to {@code to}. */
    private int arc(int from, int to, int[] added, boolean jumps) {
        int last = extended(to, added);
        boolean wraps = from > to;
        int outside = 0;
        int firstTaken = -1;
        for (int block : added) {
            boolean inside = wraps ? block >= from || block <= last : block >= from && block <= last;
            outside += inside ? 0 : 1;
            if (inside && (firstTaken < 0 || wraps && block >= from && firstTaken < from)) {
                firstTaken = block;
            }
        }
        int distance = outside == 0 ? 0 : BLOCKS_OUTSIDE + Math.min(MOST_FOR_HOLES, outside);
        if (firstTaken < 0) {
            return distance + IMPOSSIBLE;
        }
        int jump = gap(from, firstTaken);
        int holes = gap(firstTaken, last + 1);
        if (wraps && end < survey.blocks()) {
            distance += UNWRITTEN_END;
        }
        distance += Math.min(MOST_FOR_HOLES, holes);
        if (jump > 0) {
            distance += jumps ? Math.min(MOST_FOR_JUMP, JUMP + jump) : Math.min(MOST_FOR_HOLES, jump);
        }
        int stale = staleIndexes(from, last + 1);
        return distance + Math.min(2, stale) * STALE_INDEX;
    }

    /** The last block that was taken, if that was after the index block. */
    private int extended(int to, int[] added) {
        int last = to;
        int at = Arrays.binarySearch(added, to) + 1;
        while (at > 0 && at < added.length && first.free(second, last + 1, added[at]) == 0) {
            last = added[at++];
        }
        return last;
    }

    /** Counts the blocks from {@code from} up to {@code to}, past the end of the device, that neither commit uses. */
    private int gap(int from, int to) {
        return from <= to ? first.free(second, from, to) : first.free(second, from, end) + first.free(second, 0, to);
    }

    /** Index blocks on the way that belong to neither commit: blocks would have been taken there. */
    private int staleIndexes(int from, int to) {
        return from <= to ? stale(from, to) : stale(from, end) + stale(0, to);
    }

    private int stale(int from, int to) {
        int stale = 0;
        for (int block = from; block < to && stale < 2; block++) {
            if (survey.type(block) == BlockSurvey.INDEX_BLOCK && !first.uses(block) && !second.uses(block)) {
                stale++;
            }
        }
        return stale;
    }
}
