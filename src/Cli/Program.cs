return Mtlc.Cli.Application.Run(args);
