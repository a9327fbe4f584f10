import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.consoles
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    def runs = bitbucket.shop().runs()
            .groupBy { it.variable('CASE').get() }
            .collectEntries { name, runs -> [name, runs.collect { it.variable('WHAT').orElse('-') }.sort()] }
    assert runs == [
            'no-phase': ['shop'],
            'unknown-phase': ['shop'],
            'last-that-has-it': ['b'],
            'first-one-skips': ['parent'],
            'last-one-skips': ['c'],
            'last-skips-itself': ['b'],
            'parallel-last-skips-itself': ['b'],
    ]
    def console = consoles(basedir)
    contains(console[0], "The execution 'release' (run) runs now, with the values of module b: the last of them")
    contains(console[7], "[WARNING] Not run: execution 'release' (run), since a failed.")
    contains(console[8], 'BUILD FAILURE')
}
