terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0"
    }
  }
}

provider "aws" {}

variable "memory" {
  type    = number
  default = 128
}

resource "aws_dynamodb_table" "rides" {
  name         = "Rides"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "RideId"

  attribute {
    name = "RideId"
    type = "S"
  }
  attribute {
    name = "User"
    type = "S"
  }
  global_secondary_index {
    name            = "byUser"
    hash_key        = "User"
    projection_type = "ALL"
  }
  ttl {
    attribute_name = "Expires"
    enabled        = true
  }
  point_in_time_recovery {
    enabled = true
  }
  tags = { stage = "test" }
}

resource "aws_iam_role" "function" {
  name = "Function"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
  tags = { stage = "test" }
}

resource "aws_iam_role_policy" "rides" {
  name = "Rides"
  role = aws_iam_role.function.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "dynamodb:PutItem", Resource = aws_dynamodb_table.rides.arn }]
  })
}

resource "aws_iam_role_policy_attachment" "logs" {
  role       = aws_iam_role.function.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_cloudwatch_log_group" "function" {
  name              = "/aws/lambda/Function"
  retention_in_days = 14
  tags              = { stage = "test" }
}

resource "aws_lambda_function" "function" {
  function_name    = "Function"
  role             = aws_iam_role.function.arn
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  filename         = "function.zip"
  source_code_hash = filebase64sha256("function.zip")
  memory_size      = var.memory
  publish          = true
  tags             = { stage = "test" }

  environment {
    variables = { TABLE = aws_dynamodb_table.rides.name }
  }
  depends_on = [
    aws_cloudwatch_log_group.function,
    aws_iam_role_policy_attachment.logs,
  ]
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  function_name    = aws_lambda_function.function.function_name
  function_version = aws_lambda_function.function.version
}

resource "aws_lambda_permission" "api" {
  statement_id  = "api"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.function.function_name
  qualifier     = aws_lambda_alias.live.name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "arn:aws:execute-api:us-east-1:123456789012:abc/*"
}
