Console.WriteLine("mtlc");
