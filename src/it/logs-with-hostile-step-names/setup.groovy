import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import java.time.Duration

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
String escape = '\u001B'
bitbucket.shop().push('main', RunScript.of(
        StepScript.named('Build').log('built\n'),
        StepScript.named('../../../escaped').log("tests ${escape}[32mgreen${escape}[0m${escape}]0;owned\u0007\n"),
        StepScript.named('con: <a|b>?*\u202E').log('third\r\n'),
        StepScript.named('x' * 300).log('fourth\n'),
        StepScript.unnamed().log('fifth\n'),
        StepScript.named('Child pipeline').withoutLog()))
bitbucket.shop().branch('slow', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')
boolean started = false
int reads = 0
// Run #43 starts when it is requested first. Its log is half written after the first request for it, and complete after
// the second one: however fast the machine is, the third request gets the second half.
bitbucket.embedded().intercept { request, next ->
    if (!started && request.path().endsWith('/pipelines/43')) {
        started = true
        bitbucket.shop().push('slow', RunScript.of(StepScript.named('Slow').lasting(Duration.ofHours(1))
                .log((1..600).collect { "line $it\n" }.join(''))).parsing(Duration.ZERO))
    }
    def response = next.proceed()
    if (request.path() ==~ '.*/pipelines/43/.*/log' && ++reads <= 2) {
        bitbucket.forward(Duration.ofMinutes(31))
    }
    response
}
return
