import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(0)
    String log = log(basedir)
    assert log =~ /\[INFO] RUN  RESULT +TARGET +PIPELINE  CREATOR +STARTED +DURATION/
    assert log =~ /\[INFO] #45  (PENDING|IN_PROGRESS|PARSING) +feature\/a-name-that-goes-on-and-on-and-o… +- +Another User  (just now|\d+ min ago) +\d+m?/
    assert log =~ /\[INFO] #44  SUCCESSFUL +main +nightly +Another User  24 h ago +1h 20m/
    assert log =~ /\[INFO] #43  SUCCESSFUL +main +- +Another User  24 h ago +3m 20s/
    assert log =~ /\[INFO] #42  SUCCESSFUL +main +- +Another User  2 days ago +42s/
    def shown = (log =~ /(?s)\[ \{.*?} ]/)[0]
    def runs = new groovy.json.JsonSlurper().parseText(shown)
    assert runs.collect { it.number } == [44, 43]
    assert runs[0].pipeline == 'nightly'
    assert runs[1].target == [branch: 'main', commit: '5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4']
    assert runs[1].result == 'SUCCESSFUL'
    assert runs[1].runSeconds == 200
    assert runs[1].url == 'https://bitbucket.org/acme/shop/pipelines/results/43'
    // No terminal, no colours; -q leaves nothing but the JSON.
    assert !log.contains('\u001B[32m')
    assert log.readLines().count { it.contains('#44') } == 2
    contains(log, '[INFO] There is no such run of acme/shop.', '[INFO] [rehearsal] There is no run of acme/shop.')
    assert bitbucket.embedded().requests().size() == 4
}
