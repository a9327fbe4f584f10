import io.github.bitbucketpipelines.maven.testing.ForwardProxy
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.RunScript

InvokerBitbucket.start(context).next(RunScript.successful())
ForwardProxy proxy = ForwardProxy.open()
context.put('proxy', proxy)
File config = new File(basedir, '.mvn/jvm.config')
config.parentFile.mkdirs()
config.text = "-Duser.language=fa -Duser.country=IR -Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=${proxy.port()}" +
        ' -Dhttp.nonProxyHosts=none'
return
